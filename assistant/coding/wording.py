"""What is said about an answer to a coding task, line by line, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.coding.checking import Checked, Report, Verdict
from assistant.coding.comparing import Difference, Fault, short
from assistant.coding.running import Missing, NotPython, Problem, Raised, Stopped
from assistant.coding.types import Said, Slip
from assistant.language import Language

#: Slips that are only possible; more would be guessing.
_MOST_POSSIBLE = 2
_MOST_PRINTED = 20

_PHRASES: dict[str, tuple[str, str]] = {
    "input": ("输入 {values}", "input {values}"),
    "returned_value": (
        "{part}{place}应为 {expected}，得到 {got}",
        "{part}{place}should be {expected}, but is {got}",
    ),
    "returned_shape": (
        "{part}形状应为 {expected}，得到 {got}",
        "{part}should have shape {expected}, but has {got}",
    ),
    "returned_nan": (
        "{part}里有 nan 或 inf：{got}，应为 {expected}",
        "{part}holds nan or inf: {got} for {expected}",
    ),
    "returned_none": ("{part}返回了 None，是不是漏了 return？", "{part}is None: is a return missing?"),
    "returned_type": (
        "{part}返回的是 {got}，应当是数或 numpy 数组",
        "{part}is a {got}; numbers or NumPy arrays are expected",
    ),
    "returned_large": ("{part}返回的东西太大（{got}）", "{part}is far too large ({got})"),
    "returned_count": (
        "应当返回 {expected} 个值，得到 {got} 个",
        "{expected} values should be returned, not {got}",
    ),
    "element": ("第 {place} 个元素", "element {place} "),
    "slip": ("→ {slip}", "→ {slip}"),
    "possible": ("常见原因：{slip}", "a common reason: {slip}"),
    "at_line": ("第 {line} 行 {code}", "line {line}: {code}"),
    "unfinished": ("还没有写：{type}", "not written yet: {type}"),
    "memory": ("内存超过了上限（1 GB）", "out of memory (the limit is 1 GB)"),
    "not_allowed": (
        "{message}：答案里不能启动或结束其他进程，也不能联网",
        "{message}: an answer may not start or end processes or use the network",
    ),
    "left": (
        "代码自己退出了（{message}），请改用 return",
        "the code leaves by itself ({message}); use return",
    ),
    "again": ("同样的 {type}", "the same {type}"),
    "not_run": ("没有运行", "not run"),
    "no_python": ("{file} 不是合法的 Python{line}：{message}", "{file} is not valid Python{line}: {message}"),
    "on_line": ("（第 {line} 行 {code}）", " (line {line}: {code})"),
    "missing": (
        "{file} 里没有函数 {name}{found}。函数名要和题目一致",
        "{file} has no function {name}{found}; keep the name that was asked for",
    ),
    "found": ("，只有 {names}", ", only {names}"),
    "while_loading": (
        "{file} 还没有定义好函数就出错了：{error}",
        "{file} fails before the function is defined: {error}",
    ),
    "cpu": (
        "用完了处理器时间，是不是死循环？停在：{where}",
        "out of processor time, an endless loop? It was at: {where}",
    ),
    "time": ("超过了时间上限，被结束了。停在：{where}", "out of time and ended. It was at: {where}"),
    "exited": (
        "进程自己结束了（{how}），没有把结果交回来。停在：{where}",
        "the process ended by itself ({how}) and gave no result. It was at: {where}",
    ),
    "signalled": ("进程崩溃了（{how}）。停在：{where}", "the process crashed ({how}). It was at: {where}"),
    "garbled": (
        "结果读不懂：代码写坏了用来交回结果的文件",
        "the results cannot be read: the code wrote into their file",
    ),
    "loading": ("文件开头，函数还没有被调用", "the top of the file, before any call"),
    "changed": (
        "注意：函数修改了传入的 {names}；调用的人通常不希望这样，先 copy() 一份",
        "note: the function changes its argument {names}; callers seldom expect that, so copy() it first",
    ),
    "missed": ("注意：这台机器上设不了这些限制：{names}", "note: this machine cannot limit {names}"),
    "printed": ("程序打印的：", "printed by the code:"),
    "score": ("通过 {passed}/{of}", "{passed} of {of} passed"),
    "follow_up": ("追问：{question}", "Follow-up: {question}"),
}

#: The limits whose absence matters, as the system calls them.
_LIMITS = {
    "CPU": Said("处理器时间", "processor time"),
    "AS": Said("内存", "memory"),
    "FSIZE": Said("文件大小", "the size of files"),
    "NPROC": Said("进程数", "processes"),
}


def say(phrase: str, language: Language, /, **values: object) -> str:
    """Return a sentence in `language` with its values filled in."""
    chinese, english = _PHRASES[phrase]
    return (chinese if language is Language.ZH else english).format(**values)


def given(checked: Checked) -> str:
    """Return the arguments of a check on one line."""
    return ", ".join(f"{name} = {short(value)}" for name, value in checked.check.arguments.items())


def expected(checked: Checked) -> str:
    """Return what a check expects, on one line."""
    value = checked.check.expected
    return ", ".join(map(short, value)) if isinstance(value, tuple) else short(value)


def explained(report: Report, checked: Checked, language: Language) -> tuple[str, ...]:
    """Return the lines about a check that failed, without its title: input, what is wrong, and why."""
    if checked.verdict is Verdict.PASSED:
        return ()
    if checked.verdict is Verdict.NOT_RUN:
        return (say("not_run", language),)
    lines = [say("input", language, values=given(checked))]
    if isinstance(checked.outcome, Raised):
        lines += _raised(checked.outcome, language)
    elif checked.difference:
        lines.append(_difference(checked.difference, language))
    elif isinstance(report.problem, Stopped):
        lines.append(problem(report, report.problem, language))
    phrase = "slip" if checked.is_certain else "possible"
    lines += [say(phrase, language, slip=slip.told.in_(language)) for slip in slips(report, checked)]
    return tuple(lines)


def slips(report: Report, checked: Checked) -> tuple[Slip, ...]:
    """Return the slips to tell: the one that is certain, or a few possible ones where none is known for certain."""
    if checked.is_certain:
        return checked.slips
    is_guess_fair = checked.difference and checked.difference.fault in (Fault.WRONG_VALUE, Fault.NOT_FINITE)
    if not is_guess_fair or any(other.is_certain for other in report.checks):
        return ()
    return checked.slips[:_MOST_POSSIBLE]


def feedback(report: Report, language: Language) -> Iterator[str]:
    """Yield the report as lines: a line per check, what is wrong indented under it, and what follows."""
    whole = report.problem if not isinstance(report.problem, Stopped) or report.problem.call is None else None
    if whole:
        yield f"✗ {problem(report, whole, language)}"
        if isinstance(whole, Raised):
            yield from (f"    {line}" for line in _raised(whole, language)[1:])
    told: set[Raised] = set()
    for checked in report.checks if not whole else ():
        yield f"{'✓' if checked.verdict is Verdict.PASSED else '✗'} {checked.check.title.in_(language)}"
        error = checked.outcome if isinstance(checked.outcome, Raised) else None
        if error in told:
            yield f"    {say('again', language, type=error.type)}"
            continue
        told |= {error} if error else set()
        yield from (f"    {line}" for line in explained(report, checked, language))
    yield say("score", language, passed=report.passed, of=len(report.checks))
    yield from notices(report, language)
    if report.printed.strip():
        lines = report.printed.rstrip().splitlines()
        yield say("printed", language)
        yield from (f"    {line[:200]}" for line in lines[:_MOST_PRINTED])
        if len(lines) > _MOST_PRINTED:
            yield "    …"
    if report.is_right:
        yield say("follow_up", language, question=report.task.follow_up.in_(language))


def notices(report: Report, language: Language) -> Iterator[str]:
    """Yield what is no failure but should be known."""
    if report.changed:
        yield say("changed", language, names=", ".join(report.changed))
    if names := [_LIMITS[name].in_(language) for name in report.missed if name in _LIMITS]:
        yield say("missed", language, names=("、" if language is Language.ZH else ", ").join(names))


def problem(report: Report, what: Problem, language: Language) -> str:
    """Return what is the matter with the file as a whole."""
    file = report.filename
    match what:
        case NotPython(message, line, code):
            where = say("on_line", language, line=line, code=code[:80]) if line else ""
            return say("no_python", language, file=file, line=where, message=message)
        case Missing(functions):
            found = say("found", language, names=", ".join(functions)) if functions else ""
            return say("missing", language, file=file, name=report.task.name, found=found)
        case Raised():
            return say("while_loading", language, file=file, error=_raised(what, language)[0])
        case Stopped(how, call):
            where = (
                report.checks[call].check.title.in_(language)
                if call is not None
                else say("loading", language)
            )
            phrase = (
                how
                if how in ("cpu", "time", "garbled")
                else "exited"
                if how.startswith("exit")
                else "signalled"
            )
            return say(phrase, language, how=how, where=where)


def _raised(error: Raised, language: Language) -> list[str]:
    """Return what was raised and the lines of the user's file that led there."""
    values: dict[str, Any] = {"type": error.type, "message": error.message or error.type}
    phrase = {"NotImplementedError": "unfinished", "MemoryError": "memory", "SystemExit": "left"}.get(
        error.type
    )
    if error.type == "PermissionError" and "not allowed here" in error.message:
        phrase = "not_allowed"
    told = say(phrase, language, **values) if phrase else f"{error.type}: {error.message}".rstrip(": ")
    return [told, *(say("at_line", language, line=line, code=code) for line, _, code in error.frames)]


def _difference(found: Difference, language: Language) -> str:
    phrase = {
        Fault.NOTHING: "returned_none", Fault.WRONG_TYPE: "returned_type", Fault.LARGE: "returned_large",
        Fault.WRONG_COUNT: "returned_count", Fault.WRONG_SHAPE: "returned_shape", Fault.NOT_FINITE: "returned_nan",
        Fault.WRONG_VALUE: "returned_value",
    }[found.fault]  # fmt: skip
    place = say("element", language, place=list(found.place)) if found.place else ""
    # An English sentence needs its subject.
    part = f"{found.part} " if found.part else "" if language is Language.ZH or place else "the result "
    return say(phrase, language, part=part, place=place, got=found.got, expected=found.expected)
