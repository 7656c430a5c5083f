"""Which language a person writes, and every fixed sentence the assistant says, in both."""

from __future__ import annotations

import re
from enum import StrEnum

_CJK = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


class Language(StrEnum):
    """The languages answers are framed in."""

    ZH = "zh"
    EN = "en"


def language_of(text: str) -> Language:
    """Return Chinese where `text` has any Chinese character, or no word of either language; else English.

    Chinese technical writing is full of English terms, so one Chinese character outweighs many Latin words.
    """
    if _CJK.search(text):
        return Language.ZH
    return Language.EN if _LATIN_WORD.search(text) else Language.ZH


def mostly(text: str) -> Language:
    """Return the language most of `text` is in: a Chinese character counts as one word."""
    return Language.ZH if len(_CJK.findall(text)) >= len(_LATIN_WORD.findall(text)) else Language.EN


_PHRASES: dict[str, tuple[str, str]] = {
    "from_notes": ("你的笔记《{topic}》里这样写：", "Your notes say, under “{topic}”:"),
    "also_from": ("另外，《{topic}》里提到：", "Also, under “{topic}”:"),
    "stub": (
        "笔记里有《{topic}》这个主题，但目前只有标题或链接，还没有正文：",
        "Your notes have the topic “{topic}”, but so far only a title or a link, no text:",
    ),
    "other_language": (
        "（笔记原文是英文，引用保持原文。{terms}）",
        "(The notes are in Chinese and are quoted as they stand. {terms})",
    ),
    "terms": ("术语：{pairs}", "Terms: {pairs}"),
    "not_in_notes": ("你的笔记没有讲到这个问题。", "Your notes do not cover this question."),
    "nearest": ("笔记里最接近的主题：{topics}。", "The nearest topics in your notes: {topics}."),
    "computed": ("算一下：{call}", "Computed: {call}"),
    "example": ("用默认参数举个例子：{call}", "An example with default arguments: {call}"),
    "can_compute": ("想看数字可以运行：{command}", "To see it in figures: {command}"),
    "assumed": ("其余参数取默认值：{arguments}", "Defaults for the rest: {arguments}"),
    "formula": ("公式：{formula}（{source}）", "Formula: {formula} ({source})"),
    "caution": ("注意：{text}", "Note: {text}"),
    "demo_refused": ("没能计算：{text}", "Could not compute: {text}"),
    "sources": ("来源", "Sources"),
    "interrupted": ("（已中断）", "(interrupted)"),
    "fell_back": (
        "模型没能答完（{reason}），下面改用笔记模式回答。",
        "The model could not finish ({reason}); notes mode answers instead.",
    ),
    "uncited": (
        "注意：模型的这段回答没有引用笔记，请对照下面的来源核对。",
        "Note: the model cited no passage here; check it against the sources below.",
    ),
    "dropped_citations": (
        "注意：删去了 {count} 处指向不存在段落的引用。",
        "Note: {count} citation(s) of passages that were never given were removed.",
    ),
    "unsupported": (
        "⚠ 没有依据：「{sentence}」在给模型的笔记段落里找不到依据。",
        "⚠ Not supported: nothing in the passages given supports “{sentence}”",
    ),
    "unsupported_cited": (
        "⚠ 没有依据：「{sentence}」在所引的 {cited} 里找不到依据。",
        "⚠ Not supported: {cited} does not support “{sentence}”",
    ),
    "cited_elsewhere": (
        "⚠ 引用有误：「{sentence}」的依据在 {elsewhere}，不在 {cited}。",
        "⚠ Miscited: the support of “{sentence}” is in {elsewhere}, not in {cited}.",
    ),
    "opposed": (
        "⚠ 与笔记相反：「{sentence}」；{cited} 里写的是「{against}」",
        "⚠ Against the notes: “{sentence}”; {cited} says “{against}”",
    ),
    "other_tongue": (
        "注意：模型没有用提问的语言（中文）回答。",
        "Note: the model did not answer in the language of the question (English).",
    ),
    "premise": (
        "题目里假定「{premise}」。这一点先对照笔记；《{topic}》里这样写：",
        "The question takes for granted that “{premise}”. Check that first against your notes, under “{topic}”:",
    ),
    "general_label": (
        "【一般知识，不是来自你的笔记】以下由 {model} 凭自身知识回答，没有经过笔记核对：",
        "[General knowledge, not from your notes] {model} answers from what it knows; no note was checked:",
    ),
    "general_failed": ("模型没能回答（{reason}）。", "The model could not answer ({reason})."),
    "general_no_model": (
        "没有模型，只能按笔记回答。要用一般知识回答先装模型：assistant setup",
        "There is no model, so only the notes can answer. For general knowledge get one: assistant setup",
    ),
    "can_general": (
        "想听模型凭一般知识回答（不来自笔记）：加 --general，聊天里用 /general。",
        "For the model's general knowledge, not from your notes: add --general, or /general in the chat.",
    ),
    "cut_short": (
        "（回答到达长度上限，已截断）",
        "(the answer reached its length limit and is cut short)",
    ),
    "left_out": (
        "（上下文窗口有限，没有交给模型的：{what}）",
        "(not given to the model, for lack of room: {what})",
    ),
    "left_out_passages": ("{count} 段较不相关的笔记", "{count} less relevant passage(s)"),
    "left_out_turns": ("最早的 {count} 轮对话", "the {count} earliest turn(s)"),
    "left_out_rest": ("最相关一段笔记的后半部分", "the rest of the best passage"),
    "read_less": (
        "警告：服务器说只读到 {reported} 个 token，而提示词约有 {expected} 个，可能被截断了。请对照来源核对。",
        "Warning: the server reports {reported} tokens read of about {expected}, so the prompt may have been cut. "
        "Check this answer against its sources.",
    ),
    "contradicts": (
        "注意：回答里的 {written} 和演示算出的对不上：{call} 得到 {figures}。以演示为准。",
        "Note: {written} in the answer does not agree with the demo: {call} gives {figures}. Trust the demo.",
    ),
    "wait_turn": ("排队中，前面还有 {ahead} 个回答……", "queued, {ahead} answer(s) ahead …"),
    "wait_loading": ("正在载入模型……", "loading the model …"),
    "wait_first_word": ("模型正在读笔记……", "the model is reading …"),
    "wait_tool": ("⚙ 正在计算 {call} ……", "⚙ computing {call} …"),
    "standalone": ("理解为：{question}", "Understood as: {question}"),
    "also_in": ("也见 {places}", "also in {places}"),
    "read_as": ("「{written}」按「{understood}」理解。", "Read “{written}” as “{understood}”."),
    "drill_question": ("第 {n}/{of} 题 · {demo} · 难度 {level}", "{n} of {of} · {demo} · level {level}"),
    "drill_unit": ("单位 {unit}", "unit {unit}"),
    "drill_exact": ("要准确值", "exactly"),
    "drill_tolerance": ("误差不超过 {percent}% 算对", "right within {percent}%"),
    "drill_keys": ("? 提示，/skip 跳过，/end 结束", "? for a hint, /skip, /end"),
    "drill_correct": ("✓ 对，答案是 {answer}。", "✓ Right: {answer}."),
    "drill_mistake": ("✗ 不对：{mistake}。答案是 {answer}。", "✗ Wrong: {mistake}. The answer is {answer}."),
    "drill_rounded": (
        "✗ 差一点：舍入得太多，达不到要求的精度。答案是 {answer}。",
        "✗ Nearly: rounded further than is asked for. The answer is {answer}.",
    ),
    "drill_scale": (
        "✗ 数值对，单位不对：题目问的是以 {unit} 为单位。答案是 {answer}。",
        "✗ The right value in the wrong unit: {unit} was asked for. The answer is {answer}.",
    ),
    "drill_wrong": ("✗ 不对。答案是 {answer}。", "✗ Wrong. The answer is {answer}."),
    "drill_unreadable": (
        "✗ 没看懂「{given}」。答案是 {answer}。",
        "✗ “{given}” is no number. The answer is {answer}.",
    ),
    "drill_not_read": ("没看懂「{given}」。", "“{given}” is not understood."),
    "drill_other_unit": ("「{given}」的单位对不上。", "“{given}” is in another unit."),
    "drill_how_to": (
        "请输入{unit}数，例如 0.25、1.5e-3、3/4；几个数用逗号隔开。",
        "Type a number{unit}, such as 0.25, 1.5e-3 or 3/4; several with commas between them.",
    ),
    "drill_in_unit": ("以 {unit} 为单位的", " in {unit}"),
    "drill_no_answer": ("答案是 {answer}。", "The answer is {answer}."),
    "drill_check": ("验算：{command}", "Check: {command}"),
    "drill_hint": ("提示：{hint}", "Hint: {hint}"),
    "drill_summary": (
        "做了 {done} 题，答对 {correct}，跳过 {skipped}，看提示 {hints}。",
        "{done} done: {correct} right, {skipped} skipped, {hints} with a hint.",
    ),
    "drill_again": ("再做同一套：{command}", "The same again: {command}"),
    "drill_weak": ("多练练：{command}", "Practise: {command}"),
    "can_drill": ("想练手：{command}", "To practise: {command}"),
    "empty_question": ("请先输入一个问题。", "Type a question first."),
}


def say(phrase: str, language: Language, /, **values: object) -> str:
    """Return a fixed sentence in `language` with its values filled in."""
    chinese, english = _PHRASES[phrase]
    return (chinese if language is Language.ZH else english).format(**values)
