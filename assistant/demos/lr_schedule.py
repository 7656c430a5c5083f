"""Learning-rate schedules: the rate at every step of step decay, exponential, cosine, warm-up and one-cycle.

The rates only: what they do to training is not simulated, and one-cycle's momentum is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval, Len
from numpy.typing import NDArray

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.slots import Spoken, fill
from assistant.demo_kit.types import DemoError, DemoResult, Fault, Plot, Series, Table
from assistant.demo_parts.costs import inconsistent, refuse_unused
from assistant.demo_parts.schedule_drills import draw_schedule_drill

FORMULA = (
    "step: η γ^⌊t/s⌋; exponential: η γ^t; cosine: η_min + ½(η − η_min)(1 + cos πt/T); "
    "warm-up of w steps: η₀ + (η − η₀) t/w, then cosine over T − w; one-cycle: cosine up over w, down after"
)
SOURCE = (
    "Loshchilov & Hutter 2017, SGDR, arXiv:1608.03983, equation 5; Goyal et al. 2017, arXiv:1706.02677, "
    "section 2.2 (warm-up); Smith & Topin 2018, Super-Convergence, arXiv:1708.07120 (one-cycle), "
    "its cosine form as in torch.optim.lr_scheduler.OneCycleLR"
)
TOPICS = (
    "learning rate schedule", "学习率调度", "cosine annealing", "余弦退火", "step decay", "学习率衰减", "one-cycle",
    "warmup 学习率", "exponential learning rate decay",
)  # fmt: skip

Array = NDArray[np.float64]
Schedule = Literal["step", "exponential", "cosine", "warmup_cosine", "one_cycle"]
Rate = Annotated[float, Interval(gt=0, le=1000)]
Step = Annotated[int, Interval(ge=0, le=2000)]

_USED: Mapping[Schedule, tuple[str, ...]] = {
    "step": ("gamma", "every", "milestones"),
    "exponential": ("gamma",),
    "cosine": ("floor",),
    "warmup_cosine": ("floor", "warmup", "start"),
    "one_cycle": ("floor", "warmup", "start"),
}
#: PyTorch's OneCycleLR starts at 1/25 of the peak and ends at 1/10 000 of that.
_DIV, _FINAL_DIV = 25.0, 1e4


def lr_schedule(
    *,
    schedule: Schedule = "cosine",
    lr: Rate = 0.1,
    steps: Annotated[int, Interval(ge=1, le=2000)] = 100,
    gamma: Annotated[float, Interval(gt=0, le=1)] | None = None,
    every: Annotated[int, Interval(ge=1, le=2000)] | None = None,
    milestones: Annotated[list[Step], Len(1, 50)] | None = None,
    floor: Annotated[float, Interval(ge=0, le=1000)] | None = None,
    warmup: Step | None = None,
    start: Annotated[float, Interval(ge=0, le=1000)] | None = None,
    at: Annotated[list[Step], Len(1, 50)] | None = None,
) -> DemoResult:
    """Learning rate at every step of a schedule: decay by steps, exponential, cosine, warm-up, one-cycle.

    Args:
        schedule: The shape.
        lr: Learning rate at the start of a decay, at the peak of warm-up and one-cycle.
        steps: Length in steps or epochs; the rate is given from 0, before any step, to this one.
        gamma: Factor of step (0.1 when left out) and exponential (0.95).
        every: Steps between two decays of step; 30 when left out.
        milestones: Steps at which step decays, in place of every.
        floor: Rate that cosine, warmup_cosine and one_cycle end at; 0, for one_cycle start / 10000.
        warmup: Rising steps; a tenth of all for warmup_cosine, three tenths for one_cycle when left out.
        start: Rate that warm-up begins at; 0, for one_cycle lr / 25.
        at: Steps whose rates are reported on their own as lr_at; start, middle and end when left out.
    """
    given = {
        "gamma": gamma, "every": every, "milestones": milestones, "floor": floor, "warmup": warmup, "start": start,
    }  # fmt: skip
    refuse_unused(given, _USED[schedule], f"schedule={schedule}")
    if every is not None and milestones is not None:
        raise inconsistent("every", every, "every or milestones", "Give every or milestones, not both.",
                           "every 和 milestones 只能给一个。")  # fmt: skip
    shape = _shape(schedule, lr, steps, given)
    t = np.arange(steps + 1)
    rates = shape.rates(t)
    at = sorted({0, steps // 2, steps}) if at is None else at
    if max(at) > steps:
        raise DemoError(
            Fault.OUT_OF_RANGE, param="at", got=max(at), allowed=f"0 to {steps}",
            hint_en=f"The schedule ends at step {steps}.", hint_zh=f"调度到第 {steps} 步为止。",
        )  # fmt: skip
    shown = np.unique(np.linspace(0, steps, 11).astype(int))
    return DemoResult(
        demo="lr_schedule",
        args_used={"at": at, **shape.used()},
        numbers={
            "lr_at": rates[at],
            "peak": float(rates.max()),
            "final": float(rates[-1]),
            "mean": float(rates.mean()),
            "lr": rates,
        },
        formula=FORMULA,
        source=SOURCE,
        table=Table(("step", "lr"), tuple(zip(shown.tolist(), rates[shown].tolist(), strict=True))),
        plot=Plot("line", (Series(schedule, t.tolist(), rates.tolist()),), "step", "learning rate"),
        notes=_notes(schedule),
        warnings=(f"floor={shape.floor:g} is above lr={lr:g}: the rate rises.",) if shape.floor > lr else (),
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """A schedule with everything filled in; what it does not use is left at nothing."""

    schedule: Schedule
    lr: float
    steps: int
    gamma: float = 1.0
    every: int = 0
    milestones: tuple[int, ...] = ()
    floor: float = 0.0
    warmup: int = 0
    start: float = 0.0

    def used(self) -> dict[str, Any]:
        """Return the arguments this schedule depends on."""
        names = [name for name in _USED[self.schedule] if name not in ("every", "milestones")]
        found: dict[str, Any] = {name: getattr(self, name) for name in names}
        if self.schedule == "step" and not self.milestones:
            found["every"] = self.every
        return found

    def rates(self, t: NDArray[np.int_]) -> Array:
        """Return the learning rate after `t` steps."""
        if self.schedule == "exponential":
            return np.asarray(self.lr * self.gamma**t)
        if self.schedule == "step":
            passed = (
                np.searchsorted(np.sort(self.milestones), t, side="right")
                if self.milestones
                else t // self.every
            )
            return np.asarray(self.lr * self.gamma**passed)
        falling = self._cosine(self.lr, self.floor, (t - self.warmup) / max(self.steps - self.warmup, 1))
        share = t / max(self.warmup, 1)
        if self.schedule == "one_cycle":
            rising = self._cosine(self.start, self.lr, share)
        else:
            rising = self.start + (self.lr - self.start) * share
        return np.where(t < self.warmup, rising, falling)

    @staticmethod
    def _cosine(first: float, last: float, share: Array) -> Array:
        return last + (first - last) * (1 + np.cos(np.pi * share)) / 2


def _shape(schedule: Schedule, lr: float, steps: int, given: Mapping[str, Any]) -> _Shape:
    """Return the schedule with its defaults; raises where warm-up leaves no step to fall."""
    filled = {name: value for name, value in given.items() if value is not None}
    if "milestones" in filled:
        filled["milestones"] = tuple(filled["milestones"])
    defaults: dict[str, Any] = {}
    if schedule == "step":
        defaults = {"gamma": 0.1, "every": 30}
    elif schedule == "exponential":
        defaults = {"gamma": 0.95}
    elif schedule == "warmup_cosine":
        defaults = {"warmup": steps // 10}
    elif schedule == "one_cycle":
        start = filled.get("start", lr / _DIV)
        defaults = {"warmup": 3 * steps // 10, "start": start, "floor": start / _FINAL_DIV}
    shape = _Shape(schedule, lr, steps, **(defaults | filled))
    if shape.warmup and shape.warmup >= steps:
        raise inconsistent(
            "warmup", shape.warmup, f"less than steps, {steps}", f"Warm-up must end before step {steps}.",
            f"warmup 必须小于总步数 {steps}。",
        )  # fmt: skip
    return shape


def _notes(schedule: Schedule) -> tuple[str, ...]:
    notes = ["lr[t] is the rate after t steps, so lr[0] drives the first one; an epoch may stand for a step."]
    if schedule == "one_cycle":
        notes.append("The peak is at step warmup; PyTorch's pct_start is (warmup + 1) / (steps + 1).")
    if schedule in ("cosine", "warmup_cosine"):
        notes.append(
            "The last rate, at t = steps, is the floor; training that stops after T steps never uses it."
        )
    return tuple(notes)


_NAMED: Mapping[Schedule, tuple[str, ...]] = {
    "one_cycle": ("one cycle", "onecycle", "1cycle", "onecyclelr", "单周期"),
    "cosine": (
        "cosine annealing", "余弦退火", "cosine decay", "余弦衰减", "cosine schedule", "cosineannealinglr",
        "余弦学习率", "cosine learning rate",
    ),
    "exponential": ("exponential decay", "exponentiallr", "指数衰减"),
    "step": ("step decay", "steplr", "multisteplr", "阶梯衰减", "分段衰减", "step 衰减", "step衰减"),
}  # fmt: skip
_GENERAL = (
    "learning rate schedule", "lr schedule", "lr scheduler", "学习率调度", "学习率衰减", "学习率调整策略",
    "learning rate decay",
)  # fmt: skip
_RATE = ("初始学习率", "最大学习率", "learning rate", "lr", "学习率")
_ELSEWHERE = (
    "ema", "滑动平均", "moving average", "模拟退火", "权重衰减", "weight decay", "adamw", "cosine similarity",
    "余弦相似度", "线性缩放", "linear scaling", "noam", "transformer",
)  # fmt: skip
_SPOKEN: Spoken = {
    "schedule": _NAMED,
    "lr": _RATE,
    "gamma": ("gamma", "γ", "乘以", "乘", "衰减率"),
    "every": ("step_size",),
    "floor": ("最小学习率", "eta_min", "η_min"),
}
_TIME = r"(\d{1,4})\s?(?:个\s?)?(?:epochs?|steps?|轮|步(?!长))"
_EVERY = re.compile(rf"(?:每隔?|every)\s?{_TIME}")
_WARMUP = re.compile(
    rf"(?:warm[\s-]?up|预热|热身)(?:为|用|取|=|\s){{0,3}}(\d{{1,4}})|{_TIME}\s?(?:的|线性|linear|\s){{0,3}}(?:warm[\s-]?up|预热|热身)"
)


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return schedule, rate and length of a question about learning-rate schedules."""
    found = fill(lr_schedule, _SPOKEN, facts)
    says_rate, warmup = facts.says(*_RATE), _WARMUP.search(facts.text)
    if facts.says(*_ELSEWHERE) or (found.get("schedule") == "exponential" and not says_rate):
        return None
    # Warm-up alone is a question of why; with its length it can be drawn.
    if not (facts.which(_NAMED) or facts.says(*_GENERAL) or (warmup and says_rate)):
        return None
    # A word for a schedule that was not named is another's.
    used = ("schedule", "lr", *(_USED[found["schedule"]] if "schedule" in found else ()))
    found = {name: value for name, value in found.items() if name in used}
    if found.get("schedule") == "step" and (every := _EVERY.search(facts.text)):
        found["every"] = int(every[1])
    # What is said of warm-up or between two decays is no length of the whole.
    rest = _EVERY.sub("", _WARMUP.sub("", facts.text))
    if lengths := re.findall(_TIME, rest):
        found["steps"] = max(map(int, lengths))
    if warmup and found.get("schedule", "cosine") in ("cosine", "one_cycle"):
        found["warmup"] = int(warmup[1] or warmup[2])
        if found.get("schedule") != "one_cycle":
            found["schedule"] = "warmup_cosine"
    return found


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill, the rate at one step: 1 of step decay, 2 of cosine, 3 of warm-up with cosine."""
    return draw_schedule_drill(lr_schedule, random, level)
