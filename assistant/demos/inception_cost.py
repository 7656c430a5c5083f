"""What Inception saves: factorised convolutions, 1x1 bottlenecks, whole modules and GoogLeNet's first layers.

Weights without biases, multiply-adds for one image; pooling costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

from assistant.demo_kit.exercises import Exercise
from assistant.demo_kit.question import Facts
from assistant.demo_kit.types import DemoResult, Plot, Series, Table
from assistant.demo_parts.costs import MILLION, Layer, conv, inconsistent, refuse_unused, total
from assistant.demo_parts.inception_drills import bottleneck, factorization, module
from assistant.demo_parts.inceptions import MODULES, RULES, STEMS, Name, Rule, branches, direct, field
from assistant.demo_parts.spoken_inceptions import read_inception

FORMULA = (
    "weights = k_h·k_w·c_in·c_out, multiply-adds = weights·H·W; two 3x3 for one 5x5: 18/25; 1xn + nx1: 2/n; "
    "bottleneck: c_in·r + k²·r·c_out in place of k²·c_in·c_out"
)
SOURCE = (
    "Szegedy et al. 2015, Rethinking the Inception Architecture, arXiv:1512.00567, sections 3.1 and 3.2; "
    "Szegedy et al. 2014, Going Deeper with Convolutions, arXiv:1409.4842, Table 1"
)
TOPICS = (
    "Inception",
    "Inception module",
    "Inception 模块的计算量",
    "GoogLeNet",
    "factorised convolution",
    "卷积分解",
    "用小卷积核代替大卷积核",
    "1x1 bottleneck",
    "1x1 卷积降维",
    "非对称卷积",
)

Mode = Literal["factorize", "bottleneck", "module", "stem"]
Count = Annotated[int, Interval(ge=1, le=65536)]
_COUNTS = ("size", "c_in", "n1x1", "r3x3", "n3x3", "r5x5", "n5x5", "pool_proj")

#: What each mode takes; a module's counts come from its name.
_DEFAULTS: Mapping[Mode, Mapping[str, Any]] = {
    "factorize": {"rule": "5x5 -> two 3x3", "size": 28, "c_in": 64},
    "bottleneck": {"size": 28, "c_in": 192, "kernel": 5, "c_out": 32, "reduce": 16},
    "module": {"name": "3a"},
    "stem": {"name": next(iter(STEMS))},
}
_KI = 1024


def inception_cost(
    *,
    mode: Mode = "factorize",
    rule: Rule | None = None,
    size: Annotated[int, Interval(ge=1, le=4096)] | None = None,
    c_in: Count | None = None,
    kernel: Annotated[int, Interval(ge=1, le=31)] | None = None,
    c_out: Count | None = None,
    reduce: Count | None = None,
    name: Name | None = None,
    n1x1: Count | None = None,
    r3x3: Count | None = None,
    n3x3: Count | None = None,
    r5x5: Count | None = None,
    n5x5: Count | None = None,
    pool_proj: Count | None = None,
) -> DemoResult:
    """Parameters and multiply-adds saved by Inception's tricks: small kernels, 1x1 bottlenecks, branches.

    Args:
        mode: One replaced kernel, a bottleneck, a whole module of GoogLeNet, or one of its first layers.
        rule: factorize: which kernel is replaced by which; 5x5 vs 3x3 compares two that see differently.
        size: Side of the map; strides are 1.
        c_in: Input channels; with factorize the channels everywhere.
        kernel: bottleneck: side of the expensive kernel.
        c_out: bottleneck: output channels.
        reduce: bottleneck: channels after the 1x1 convolution.
        name: module: 3a to 5b, whose numbers hold where none are given; stem: which layer.
        n1x1: module: filters of the 1x1 branch.
        r3x3: module: channels before the 3x3 convolution.
        n3x3: module: filters of the 3x3 convolution.
        r5x5: module: channels before the 5x5 convolution.
        n5x5: module: filters of the 5x5 convolution.
        pool_proj: module: filters of the 1x1 convolution after the pooling.
    """
    given = {
        "rule": rule, "size": size, "c_in": c_in, "kernel": kernel, "c_out": c_out, "reduce": reduce, "name": name,
        "n1x1": n1x1, "r3x3": r3x3, "n3x3": n3x3, "r5x5": r5x5, "n5x5": n5x5, "pool_proj": pool_proj,
    }  # fmt: skip
    takes = {*_DEFAULTS[mode], *(_COUNTS if mode == "module" else ())}
    refuse_unused(given, takes, f"mode={mode}")
    used = {**_DEFAULTS[mode], **{param: value for param, value in given.items() if value is not None}}
    names = STEMS if mode == "stem" else MODULES
    if "name" in used and used["name"] not in names:
        raise inconsistent(
            "name", name, f"with mode {mode} one of {', '.join(names)}",
            f"{name} is no {mode}; there are {', '.join(names)}.",
            f"{name} 不属于 mode={mode}，可选：{'、'.join(names)}。",
        )  # fmt: skip
    if mode == "factorize":
        return _factorized(used)
    if mode == "bottleneck":
        return _bottleneck(used)
    return _module(used) if mode == "module" else _stem(used)


def _factorized(used: dict[str, Any]) -> DemoResult:
    before, after = RULES[used["rule"]]
    old, new = (
        [
            Layer(f"{h}x{w}", (h, w), used["c_in"], used["c_in"], (used["size"], used["size"]))
            for h, w in kernels
        ]
        for kernels in ((before,), after)
    )
    ratio = total(old, "weights") / total(new, "weights")
    fields = [before, field(after)]
    return _result(
        used,
        {
            "saving_pct": 100 * (1 - 1 / ratio),
            "ratio": ratio,
            "params_before": total(old, "weights"),
            "params_after": total(new, "weights"),
            "macs_M_before": total(old, "macs") / MILLION,
            "macs_M_after": total(new, "macs") / MILLION,
            "rf_before": list(fields[0]),
            "rf_after": list(fields[1]),
            "same_rf": fields[0] == fields[1],
            "extra_nonlinearities": len(after) - 1,
        },
        {"before": old, "after": new},
        notes=("Channels are the same everywhere, so the saving does not depend on them or on the map.",),
        warnings=()
        if fields[0] == fields[1]
        else (
            f"The receptive fields differ: {before[0]} and {fields[1][0]} pixels; this is no replacement.",
        ),
    )


def _bottleneck(used: dict[str, Any]) -> DemoResult:
    k, c_in, c_out, r, size = (used[name] for name in ("kernel", "c_in", "c_out", "reduce", "size"))
    old = [conv(f"{k}x{k}", k, c_in, c_out, size)]
    new = [conv("1x1 reduce", 1, c_in, r, size), conv(f"{k}x{k}", k, r, c_out, size)]
    ratio = total(old, "macs") / total(new, "macs")
    return _result(
        used,
        {
            "direct_macs_M": total(old, "macs") / MILLION,
            "bottleneck_macs_M": total(new, "macs") / MILLION,
            "direct_params": total(old, "weights"),
            "bottleneck_params": total(new, "weights"),
            "ratio": ratio,
            "saving_pct": 100 * (1 - 1 / ratio),
            "same_rf": True,
            "extra_nonlinearities": 1,
        },
        {"direct": old, "bottleneck": new},
        warnings=()
        if r < c_in
        else (f"reduce={r} is not below c_in={c_in}: this is not a bottleneck, nothing is narrowed.",),
    )


def _module(used: dict[str, Any]) -> DemoResult:
    paper = dict(zip(_COUNTS, MODULES[used["name"]], strict=True))
    used = {**paper, **used}
    changed = [param for param in _COUNTS if used[param] != paper[param]]
    parts = branches(used)
    layers, naive = [layer for part in parts.values() for layer in part], direct(used)
    wide = [param for param in ("r3x3", "r5x5") if used[param] >= used["c_in"]]
    return _result(
        used,
        {
            **_costs(layers),
            "c_out": used["n1x1"] + used["n3x3"] + used["n5x5"] + used["pool_proj"],
            "branch_params": {name: total(part, "weights") for name, part in parts.items()},
            "branch_ops_M": {name: total(part, "macs") / MILLION for name, part in parts.items()},
            "direct_ops_M": total(naive, "macs") / MILLION,
            "saving_pct": 100 * (1 - total(layers, "macs") / total(naive, "macs")),
        },
        parts,
        notes=(
            "One op is a multiply-add, as in the paper's table; its parameters count in Ki = 1024.",
            "direct: the same outputs without the 1x1 reductions.",
            "Of the printed parameters 3a, 3b and 4b follow from the printed filters, the other modules' do not.",
        ),
        warnings=(
            *([f"Not the paper's {used['name']}: {', '.join(changed)} differ."] if changed else []),
            *(f"{param} is not below c_in: this branch is not a bottleneck." for param in wide),
        ),
    )


def _stem(used: dict[str, Any]) -> DemoResult:
    layers = STEMS[used["name"]]
    return _result(
        used,
        _costs(layers),
        {layer.name: [layer] for layer in layers},
        notes=(
            "Weights only. The paper prints 2.7K and 34M for conv1, which do not follow from a 7x7 kernel.",
        )
        if len(layers) == 1
        else (),
    )


def _costs(layers: list[Layer]) -> dict[str, Any]:
    params, macs = total(layers, "weights"), total(layers, "macs")
    return {"params": params, "params_Ki": params / _KI, "ops_M": macs / MILLION}


def _result(
    used: Mapping[str, Any],
    numbers: dict[str, Any],
    parts: Mapping[str, list[Layer]],
    notes: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
) -> DemoResult:
    macs = [total(part, "macs") / MILLION for part in parts.values()]
    rows = [
        (name, layer.name, f"{layer.c_in} → {layer.c_out}", layer.weights, layer.macs / MILLION)
        for name, part in parts.items()
        for layer in part
    ]
    return DemoResult(
        demo="inception_cost",
        args_used=used,
        numbers=numbers,
        formula=FORMULA,
        source=SOURCE,
        table=Table(("part", "layer", "channels", "weights", "multiply-adds (M)"), tuple(rows)),
        plot=Plot(
            "bar",
            (Series("cost", range(len(macs)), macs),),
            "part",
            "multiply-adds (M)",
            categories=tuple(parts),
        ),
        notes=notes,
        warnings=warnings,
    )


def read_question(facts: Facts) -> dict[str, Any] | None:
    """Return the rule, bottleneck or module that a question about Inception's savings names."""
    return read_inception(facts)


def exercise(random: np.random.Generator, level: int) -> Exercise:
    """Return a drill: 1 the saving of a factorisation, 2 the cost of a bottleneck, 3 a module's weights."""
    arguments: dict[str, Any]
    if level == 1:
        rule = str(random.choice([rule for rule in RULES if "->" in rule]))
        arguments = {"mode": "factorize", "rule": rule}
    elif level == 2:
        drawn = {"size": [7, 14, 28], "kernel": [3, 5], "c_in": [128, 192, 256, 480], "c_out": [32, 64, 96]}
        arguments = {name: int(random.choice(values)) for name, values in drawn.items()}
        arguments |= {"mode": "bottleneck", "reduce": int(random.choice([16, 24, 32]))}
    else:
        arguments = {"mode": "module", "name": str(random.choice(list(MODULES)))}
    ask = (factorization, bottleneck, module)[level - 1]
    return ask(arguments, inception_cost(**arguments).numbers)
