"""A heading that says the opposite of its text, such as a network that is slow above and quick below.

Only what can be read off is judged: the heading takes one side of a known opposition about a subject, some
sentence about that subject (and the device the heading names) takes the other side outright, and none takes
the heading's. Sentences that concede, doubt or compare (虽然, 理论上, 并不, although) are not counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.check.findings import Finding
from corpus.check.notebook import Notebook, Sheet
from corpus.concepts import fold
from corpus.types import Topic

RULE = "a heading that its text contradicts"


@dataclass(frozen=True, slots=True)
class _Opposition:
    """Two sides that exclude each other: what says the one, and what says the other."""

    name: tuple[str, str]
    sides: tuple[re.Pattern[str], re.Pattern[str]]

    def side(self, text: str) -> int | None:
        """Return the side that `text` takes, None for neither or both."""
        taken = [bool(pattern.search(text)) for pattern in self.sides]
        return None if taken[0] == taken[1] else taken.index(True)


def _opposition(chinese: str, english: str, one: str, other: str) -> _Opposition:
    """Return an opposition from two lists of patterns, parted by blanks; `_` is a blank."""
    first, second = ("|".join(side.split()).replace("_", " ") for side in (one, other))
    return _Opposition((chinese, english), (re.compile(first), re.compile(second)))


_TROUBLE = "(?:了)?(?:模型的?)?(?:过拟合|梯度消失|梯度爆炸|震荡|棋盘格|模式崩溃|方差偏移)"
_TROUBLE_EN = "_(?:overfitting|vanishing|exploding|oscillation|checkerboard|mode_collapse)"
_REACTS = "对(?:离群点|异常值|噪声|初始化|学习率)(?:更|很|比较|非常|十分)?"

_OPPOSITIONS = (
    _opposition(
        "速度",
        "speed",
        r"""慢 不快 不够快 没有(?:变|更)?快 (?:没有|不能|无法)加速 提速不明显
        \bslow(?:er)?\b not_fast isn't_fast no_faster not_faster no_speed-?up""",
        r"""(?<!不)(?<!不够)(?<!没有)(?<!没有更)(?<!没有变)快(?!速) (?:可以|能够?|会|明显)加速(?<!不能加速)
        不慢 优势 友好 更高效 (?<!not_)(?<!no_)\bfast(?:er)?\b(?!_rcnn) \bquick(?:er)?\b
        friendl(?:y|ier) has_an_advantage speeds_up""",
    ),
    _opposition(
        "作用方向",
        "direction of the effect",
        f"""(?:防止|缓解|抑制|减轻|避免|减少|降低|解决){_TROUBLE}
        \\b(?:prevent|reduce|alleviate|avoid|mitigate|suppress)(?:s|es)?{_TROUBLE_EN}""",
        f"""(?:加剧|导致|引起|造成|加重|带来|增加){_TROUBLE}
        \\b(?:cause|worsen|increase|aggravate)s?{_TROUBLE_EN}""",
    ),
    _opposition(
        "稀疏性",
        "sparsity",
        r"""不(?:会|能)?(?:产生)?稀疏 (?:无法|不能|不会)(?:得到|产生|获得)?稀疏
        \bnot_sparse isn't_sparse dense_solution""",
        r"""(?<!不)(?<!不会)(?<!不能)(?<!无法)(?:产生|得到|获得|带来)(?:了)?稀疏 (?:更|很|是)稀疏
        为什么(?:更|会)?稀疏 \b(?:gives?|yields?|produces?)_(?:a_)?sparse""",
    ),
    _opposition(
        "收敛",
        "convergence",
        r"""(?:不|难以|无法|不能|很难|没有)收敛 收敛(?:得|更|很|较)?慢
        (?:not|never|hard_to|fails?_to)_converge converges?_(?:more_)?slow""",
        r"""(?:更|很|容易|快速|一定|能够|可以|会)收敛 收敛(?:得|更|很|较)?(?:快|稳)
        \bconverges?_(?:fast|quick|well|reliably)""",
    ),
    _opposition(
        "适合与否",
        "suitability",
        r"""不(?:太|是很|再)?(?:适合|适用|推荐|建议|使用|应该用|需要|能用) 没必要 无需 不用(?!于)
        \bnot_(?:suitable|recommended|needed|necessary|used)\b \bunsuitable\b""",
        r"""(?<!不)(?<!不太)(?<!不再)(?:非常|很|更|最|更加)(?:适合|适用|推荐) (?:必须|一定要|需要|应该)(?:使用|用|加)
        效果(?:很|最|更|非常)?好 \b(?:well_suited|very_suitable|recommended|must_be_used|is_needed)\b""",
    ),
    _opposition(
        "鲁棒性",
        "robustness",
        rf"{_REACTS}(?:鲁棒|不敏感) \brobust_to",
        rf"{_REACTS}(?<!不)敏感 (?<!in)(?<!not_)\bsensitive_to",
    ),
)
_CONTRAST = re.compile(
    r"虽然|尽管|理论上|看似|看起来|直觉|按理|本应|以为|误以为|误解|如果|除非|只有|假如|当且仅当|而是|反而|相反|相比|相对于|与之|并不|并非|不一定|未必|不等于|错误|有人|以前|但是?|然而|不过|却"
    r"|although|though|in theory|seem|if |unless|but |however|despite|people think|contrary|whereas|than |wrong"
    r"|not always",
    re.IGNORECASE,
)
_DEVICES = ("cpu", "gpu", "手机", "移动端", "mobile", "tpu", "训练", "推理", "测试", "training", "inference")
_CLAUSES = re.compile(r"[。！？!?;；\n]|(?<=[a-z])\.\s|[,，](?=所以|因此|因而|mobile|在|so )")


def check(notebook: Notebook) -> Iterator[Finding]:
    """Yield a finding for every heading whose text takes the other side."""
    for sheet, topic in notebook.topics():
        for opposition in _OPPOSITIONS:
            heading = fold(topic.title)
            side = opposition.side(heading)
            if side is not None and (clause := _other_side(notebook, sheet, topic, opposition, side)):
                line, words = clause
                yield sheet.finding(
                    "contradicted_heading",
                    (topic.location.first, line),
                    (
                        f"标题《{topic.title}》和第 {line} 行“{words}”可能矛盾（{opposition.name[0]}）。",
                        f"The heading “{topic.title}” and line {line}, “{words}”, may contradict each other"
                        f" ({opposition.name[1]}).",
                    ),
                    (
                        "核对哪一边是对的，改标题或改正文。",
                        "Check which of the two is right and change the other.",
                    ),
                    0.6,
                )


def _other_side(
    notebook: Notebook, sheet: Sheet, topic: Topic, opposition: _Opposition, side: int
) -> tuple[int, str] | None:
    """Return line and words of the first clause that takes the other side, unless some clause takes ours."""
    title = fold(topic.title)
    subjects = {m.concept for m in notebook.concepts(topic.title)}
    if not subjects:
        return None
    devices = [device for device in _DEVICES if device in title]
    found: tuple[int, str] | None = None
    last_subjects: set[str] = set()
    for i in sheet.body(topic):
        for clause in _CLAUSES.split(sheet.prose[i - 1]):
            text = fold(clause)
            named = {m.concept for m in notebook.concepts(clause)} & subjects
            last_subjects = named or last_subjects
            taken = opposition.side(text)
            if taken is None or any(opposition.sides[side].search(t) for t in [text] if taken != side):
                if opposition.sides[side].search(text) and not _excludes(text, devices):
                    return None
                continue
            if _excludes(text, devices):
                continue
            if taken == side:
                return None
            if found is None and last_subjects and not _CONTRAST.search(text):
                on_device = not devices or any(device in text for device in devices)
                if on_device and (named or devices):
                    found = i, _short(clause)
    return found


def _excludes(text: str, devices: list[str]) -> bool:
    """Whether a clause speaks of another device or phase than the heading, and not of the heading's."""
    others = [d for d in _DEVICES if d in text and d not in devices]
    return bool(devices and others and not any(device in text for device in devices))


def _short(clause: str) -> str:
    clause = clause.strip(" ,，")
    return clause if len(clause) <= 30 else f"{clause[:29]}…"
