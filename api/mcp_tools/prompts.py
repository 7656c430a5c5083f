"""The prompts that a host offers its user: be quizzed, be interviewed, have something explained with citations.

Each speaks the language of what it is about, or the one that is chosen.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from pydantic import Field

from assistant.language import Language, language_of

Topic = Annotated[
    str, Field(max_length=200, description="A topic of the notes, such as BN; empty means all.")
]
Wanted = Annotated[
    Literal["zh", "en", ""], Field(description="zh or en; without it the language of the topic.")
]

_QUIZ = (
    "请用 quiz 工具考我{about}。先用 action=begin 开始，把题目原样念给我，等我回答；"
    "再把我的原话用 action=answer 交回去，不要替我作答，也不要提前说出答案。"
    "每题之后告诉我对错、漏了哪些要点、笔记里哪一行写着，再问下一题。",
    "Quiz me{about} with the tool `quiz`. Begin with action=begin, put each question to me as it is and wait for my "
    "answer; send back my own words with action=answer. Do not answer for me and do not give the answer away. After "
    "each question tell me what was right, which points I missed and which line of the notes holds them, then go on.",
)
_INTERVIEW = (
    "请用 interview 工具给我来一场 {minutes} 分钟的模拟面试{about}。用 action=begin 开始，把面试官的话原样转给我，"
    "我的回答用 action=answer 原样交回，每次带上最新的 turn。"
    "面试中不要提示、不要点评；结束后把报告讲给我听，指出该复习哪些主题。",
    "Hold a mock interview of {minutes} minutes with me{about} by the tool `interview`. Begin with action=begin, give "
    "me the interviewer's words as they are and send back my answers word for word with action=answer and the latest "
    "`turn`. No hints and no comments meanwhile; when it is over, walk me through the report and what to review.",
)
_EXPLAIN = (
    "请只根据我的笔记解释：{question}\n先用 ask_notes 查，必要时用 search_notes 补充，能算的数字用 run_demo 算。"
    "每句关键的话后面标出处（文件、标题、行号）；笔记没有的就直说没有，不要编。",
    "Explain this from my notes alone: {question}\nAsk `ask_notes` first, `search_notes` for more where needed, and "
    "compute figures with `run_demo`. Give the source (file, heading, lines) after each key sentence; where the notes "
    "say nothing, say so and invent nothing.",
)


def add_to(server: MCPServer[Any]) -> None:
    """Add the prompts."""

    @server.prompt(title="Quiz me · 考考我")
    def quiz_me(topic: Topic = "", language: Wanted = "") -> str:
        """Be quizzed on a topic of your notes."""
        about = (f"《{topic}》这个主题", f" on “{topic}”") if topic else ("，主题不限", "")
        return _told(_QUIZ, topic, language, about=about)

    @server.prompt(title="Interview me · 模拟面试")
    def interview_me(
        topic: Topic = "",
        minutes: Annotated[str, Field(pattern=r"^[0-9]{1,3}$", description="How long, in minutes.")] = "30",
        language: Wanted = "",
    ) -> str:
        """Be interviewed over your notes, with follow-ups and a report."""
        about = (f"，只问《{topic}》", f" about “{topic}” only") if topic else ("", "")
        return _told(_INTERVIEW, topic, language, about=about, minutes=minutes)

    @server.prompt(title="Explain with citations · 带出处讲解")
    def explain(
        question: Annotated[str, Field(max_length=2000, description="What to explain.")],
        language: Wanted = "",
    ) -> str:
        """Have something explained from your notes, sentence by sentence with its source."""
        return _told(_EXPLAIN, question, language, question=question)


def _told(pair: tuple[str, str], words: str, language: str, **values: str | tuple[str, str]) -> str:
    """Return the sentence of `pair` in `language`, or in that of `words`, with its values of that language."""
    n = (Language(language) if language else language_of(words)) is Language.EN
    return pair[n].format(**{name: v if isinstance(v, str) else v[n] for name, v in values.items()})
