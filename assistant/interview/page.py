"""A report as one page of HTML: no script, nothing loaded, readable on a phone, in the dark and on paper."""

from __future__ import annotations

from datetime import tzinfo
from html import escape

from assistant.events import Citation
from assistant.grading.types import Verdict
from assistant.interview import wording
from assistant.interview.document import Block, Heading, Levels, Point, Points, Said, Text, blocks
from assistant.interview.radar import radar
from assistant.interview.report import Report, Word
from assistant.language import Language

_STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --dim: #636c76; --line: #d1d9e0; --back: #fff; --soft: #f6f8fa;
  --blue: #0969da; --good: #1a7f37; --half: #9a6700; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9198a1; --line: #3d444d; --back: #0d1117;
  --soft: #151b23; --blue: #4493f8; --good: #3fb950; --half: #d29922; --bad: #f85149; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--text);
  font: 1rem/1.7 -apple-system, "Segoe UI", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem;
  border-bottom: 1px solid var(--line); } h3 { font-size: 1.05rem; margin: 2rem 0 .3rem; }
p { margin: .5rem 0; } .dim { color: var(--dim); font-size: .9rem; } .strong { font-weight: 600; }
.label { font-weight: 600; margin-top: 1rem; }
blockquote { margin: .5rem 0; padding: .5rem .9rem; border-left: 3px solid var(--blue); background: var(--soft);
  white-space: pre-wrap; }
ul { list-style: none; margin: .4rem 0; padding: 0; }
li { margin: .35rem 0; padding-left: 1.5rem; text-indent: -1.5rem; }
li > * { text-indent: 0; } .mark { display: inline-block; width: 1.5rem; text-align: left; }
.hit .mark { color: var(--good); } .partial .mark { color: var(--half); } .contradicted .mark { color: var(--bad); }
.missed .mark { color: var(--dim); } .words { color: var(--dim); }
cite { display: block; font: .8rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; color: var(--dim); }
.levels { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem; }
.levels svg { flex: 1 1 18rem; max-width: 24rem; } .levels table { flex: 1 1 14rem; border-collapse: collapse; }
td { padding: .3rem .4rem; border-bottom: 1px solid var(--line); }
td:last-child { white-space: nowrap; text-align: right; }
.excellent, .good { color: var(--good); } .mixed { color: var(--half); } .weak { color: var(--bad); }
.not_enough_evidence { color: var(--dim); }
.ring { fill: none; stroke: var(--line); } .spoke { stroke: var(--line); } .unknown { stroke-dasharray: 3 4; }
.area { fill: var(--blue); fill-opacity: .18; stroke: var(--blue); stroke-width: 2; stroke-linejoin: round; }
.dot { fill: var(--blue); } .radar text { font-size: 12px; fill: var(--text); }
.radar .remark { font-size: 10.5px; fill: var(--dim); }
@media print { :root { --text: #000; --dim: #444; --line: #bbb; --back: #fff; --soft: #fff; --blue: #0550ae;
  --good: #116329; --half: #7d4e00; --bad: #a40e26; } body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3, .label { break-after: avoid; } blockquote, li, tr, svg { break-inside: avoid; } }
""".strip()
# Nothing may be loaded or run, whatever stands in an answer.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MARKS = {Verdict.HIT: "✓", Verdict.PARTIAL: "◐", Verdict.MISSED: "○", Verdict.CONTRADICTED: "✗", None: "·"}


def page(report: Report, zone: tzinfo | None = None) -> str:
    """Return `report` as a page; days are those of `zone`."""
    language = Language(report.language)
    body = "\n".join(_html(block, language) for block in blocks(report, zone))
    tag = "zh-CN" if language is Language.ZH else "en"
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(wording.say('title', language))}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _html(block: Block, language: Language) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Text(text, tone, citation):
            kind = f' class="{tone}"' if tone else ""
            return f"<p{kind}>{_broken(text)}{_cite(citation)}</p>"
        case Said(text):
            return f"<blockquote>{escape(text)}</blockquote>"
        case Points(points):
            return "<ul>\n" + "\n".join(_point(point, language) for point in points) + "\n</ul>"
        case Levels(rows):
            return _levels(rows, language)


def _point(point: Point, language: Language) -> str:
    kind = point.verdict.value if point.verdict else "plain"
    told = f'<span class="mark" aria-hidden="true">{_MARKS[point.verdict]}</span><span>{_broken(point.text)}</span>'
    if point.verdict:
        told += f' <span class="words">{escape(wording.say(point.verdict.value, language))}</span>'
    if point.words:
        said = wording.say("you_said", language, words=point.words)
        told += f' <span class="words">· {escape(said)}</span>'
    return f'<li class="{kind}">{told}{_cite(point.citation)}</li>'


def _levels(rows: tuple[tuple[str, Word], ...], language: Language) -> str:
    axes = [(name, wording.STEPS.get(word)) for name, word in rows]
    told = [f"{name}{_colon(language)}{wording.name(word, language)}" for name, word in rows]
    title = ("；" if language is Language.ZH else "; ").join(told)
    chart = radar(title, axes, wording.name(Word.UNKNOWN, language))
    table = "\n".join(
        f'<tr><td>{escape(name)}</td><td class="{word.value}">{escape(wording.name(word, language))}</td></tr>'
        for name, word in rows
    )
    return f'<div class="levels">{chart}<table>\n{table}\n</table></div>'


def _cite(citation: Citation | None) -> str:
    return f"<cite>{escape(wording.where(citation))}</cite>" if citation else ""


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _colon(language: Language) -> str:
    return "：" if language is Language.ZH else ": "
