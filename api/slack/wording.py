"""What the bot says by itself, in Chinese and English."""

from __future__ import annotations

from api.slack.payloads import COMMAND
from assistant.dialogues.types import Action, Mode
from assistant.language import Language
from corpus.errors import StudyError

_SAID: dict[str, tuple[str, str]] = {
    "looking": ("正在查笔记……", "Looking in the notes …"),
    "thinking": ("正在想……", "Thinking …"),
    "sorry": (
        "抱歉，出了意外，这次没能回答。请再问一次；一直这样的话，把编号 {request} 告诉管理员。",
        "Sorry, something went wrong and there is no answer. Please ask again; if it stays so, tell whoever runs me "
        "the number {request}.",
    ),
    "restarting": (
        "服务中断过，这一条没能答完。请再说一次。",
        "The service was interrupted before this was answered. Please say it once more.",
    ),
    "busy": (
        "现在排队的人太多，请过一分钟再试。",
        "Too many are waiting right now; please try again in a minute.",
    ),
    "stale": (
        "这个按钮属于前面的题，那一题已经过去了。请用最新一题下面的按钮。",
        "This button belongs to an earlier question. Use the buttons under the latest one.",
    ),
    "not_yours": (
        "这里进行的是另一个人的练习。想自己来：{command} quiz",
        "This is somebody else's practice. For your own: {command} quiz",
    ),
    "in_use": (
        "这个话题里正在进行另一个人的测验或面试，我只听他回答。请在新话题里问我。",
        "Somebody else's quiz or interview goes on in this thread, and I listen to nobody else here. "
        "Ask me in a thread of its own.",
    ),
    "over": ("这一场已经结束。再来一次：{command} {mode}", "This one is over. Once more: {command} {mode}"),
    "not_here": (
        "我不在这个频道里，没法在这里说话。先用 /invite 邀请我，或者给我发私信。",
        "I am not in this channel and cannot speak here. /invite me first, or send me a direct message.",
    ),
    "ask_what": (
        "想问什么？例如：{command} ask BN 推理时用什么均值",
        "Ask what? {command} ask what is weight decay",
    ),
    "begin_quiz": ("📝 测验", "📝 Quiz"),
    "begin_drill": ("🧮 计算练习", "🧮 Drill"),
    "begin_interview": ("🎤 模拟面试", "🎤 Mock interview"),
    "begin_ask": ("🔎 提问", "🔎 Question"),
    "help": (
        "**按笔记回答、出题、面试**\n\n"
        "- 在频道里 @我，或给我发私信：按笔记回答，附出处。在话题里接着问，不用再 @我。\n"
        "- `{command} ask 问题`：提问\n"
        "- `{command} quiz [主题]`：测验\n"
        "- `{command} drill [主题]`：计算练习\n"
        "- `{command} interview [主题]`：模拟面试，有追问和报告\n"
        "- `{command} progress`：你的进度，只有你看得到\n\n"
        "测验和面试在自己的话题里进行，用按钮或直接打字（如“提示”“跳过”“结束”）。频道里的回答大家都看得到。",
        "**Answers, quizzes and interviews from the notes**\n\n"
        "- Mention me in a channel or send me a direct message: I answer from the notes, with sources. In the thread, "
        "go on without mentioning me.\n"
        "- `{command} ask QUESTION`: ask\n"
        "- `{command} quiz [TOPIC]`: a quiz\n"
        "- `{command} drill [TOPIC]`: figures to compute\n"
        "- `{command} interview [TOPIC]`: a mock interview with follow-ups and a report\n"
        "- `{command} progress`: your progress, shown to you alone\n\n"
        "Quizzes and interviews have a thread of their own; use the buttons or type (“hint”, “skip”). What is said in "
        "a channel is seen by everybody there.",
    ),
}

_ACTIONS: dict[Action, tuple[str, str]] = {
    Action.HINT: ("提示", "Hint"),
    Action.SHOW: ("看答案", "Show answer"),
    Action.SKIP: ("跳过", "Skip"),
    Action.PAUSE: ("暂停", "Pause"),
    Action.RESUME: ("继续", "Resume"),
    Action.END: ("结束", "End"),
}

#: First words of a command, and what they ask for.
_WORDS: dict[str, str] = {
    "ask": "ask", "问": "ask", "提问": "ask", "quiz": "quiz", "测验": "quiz", "考我": "quiz", "drill": "drill",
    "练习": "drill", "计算": "drill", "interview": "interview", "面试": "interview", "progress": "progress",
    "进度": "progress", "help": "help", "帮助": "help", "": "help",
}  # fmt: skip


def say(phrase: str, language: Language, **values: object) -> str:
    """Return a sentence in `language`."""
    chosen = _SAID[phrase][language is Language.EN]
    return chosen.format(command=COMMAND, **values)


def help_text() -> str:
    """Return what can be done, in both languages: who asks has said too little to tell which."""
    return "\n\n---\n\n".join(say("help", language) for language in (Language.ZH, Language.EN))


def button(action: Action, language: Language) -> str:
    """Return what stands on the button of `action`."""
    return _ACTIONS[action][language is Language.EN]


def title(mode: Mode, words: str, language: Language) -> str:
    """Return the first line of a thread that a command begins."""
    head = f"**{say(f'begin_{mode.value}', language)}**"
    return f"{head} · {words}" if words else head


def told(error: StudyError) -> str:
    """Return the words of an error that a person can mend."""
    return f"{error.message}\n\n{error.hint}" if error.hint else error.message


def command_of(text: str) -> tuple[str, str]:
    """Return what a command asks for and the words about it; what begins with no known word is a question."""
    first, _, rest = text.strip().partition(" ")
    name = _WORDS.get(first.casefold())
    return (name, rest.strip()) if name else ("ask", text.strip())
