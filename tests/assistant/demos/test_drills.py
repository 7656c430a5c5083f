"""The exercises of every demo there is, level by level, for many seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from assistant.demo_kit import registry
from assistant.demo_kit.exercises import Exercise
from assistant.drills.drawing import LEVELS
from tests.assistant.demos.drill_checks import (
    check_answer,
    check_command,
    check_grading,
    check_mistakes,
    check_steps,
    check_wording,
    drawn,
)

SEEDS = range(30)
Path = str | Callable[[Exercise], str]


def farthest(exercise: Exercise) -> str:
    """BN's output is asked for the sample farthest from the mean."""
    x = np.ravel(exercise.arguments["x"])
    return f"y.{int(np.abs(x - x.mean()).argmax())}.0"


def at_the_largest(exercise: Exercise) -> str:
    """The gradient is asked for the largest input."""
    row, column = np.unravel_index(np.argmax(exercise.arguments["x"]), (3, 3))
    return f"grad.{row}.{column}"


def of_the_target(exercise: Exercise) -> str:
    """The gradient is asked for the right class."""
    return f"gradient.{exercise.arguments['target']}"


def stored(what: str) -> Callable[[Exercise], str]:
    """Each number format has figures of its own."""
    return lambda exercise: f"{exercise.arguments['format']}.{what}"


#: Where a demo reports the answers to its levels; a demo that is not here is searched for it.
REPORTED: dict[str, tuple[Path, Path, Path]] = {
    "activation_props": ("grad.0", "y.0", "grad.0"),
    "attention": ("cost.map_values", "cost.macs_qk + cost.macs_av", "weights.0.0"),
    "average_precision": ("ap_raw", "ap_all_points", "ap_11"),
    "batchnorm": ("var.0", farthest, "running.running_var.0"),
    "bn_gradcheck": ("paths.mean.0.0", "analytic.0.0", "analytic.0.0"),
    "bn_noise": ("std_of_batch_mean.0", "variance.mean_of_batch_var.0", "variance.std_of_batch_var.0"),
    "box_iou": ("iou", "giou", "giou"),
    "ce_vs_mse": ("gradient.ce", "gradient.mse", "ce_mean"),
    "clip_gradients": ("clipped", "clipped", "angle_degrees"),
    "conv_cost": ("params", "macs_M", "macs_M"),
    "conv_output_size": ("output", "output", "output"),
    "deconv_overlap": ("ratio", "ratio", "ratio"),
    "diagnose_training": ("expected", "lr_limit", "final_loss"),
    "dirac_gan": ("radius", "eigenvalues.re_im.0.1", "step_factor.abs_eig"),
    "dropblock": ("gamma", "effective.corner_drop", "effective.center_drop"),
    "dropout_bn_shift": ("ratio", "ratio", "ratio"),
    "float_formats": (stored("spacing"), stored("rounded"), stored("accumulated")),
    "gradient_flow": ("upper_bound.max_product", "mean_field.ratio", "mean_field.ratio"),
    "im2col_conv": ("x_col", "x_col", "duplication"),
    "inception_cost": ("saving_pct", "bottleneck_macs_M", "params"),
    "init_variance": ("std", "std", "std_ratio_vs_he.inverse_factor"),
    "kernel_psd": ("eigenvalues.0", "eigenvalues.0", "eigenvalues.0"),
    "loss_compare": ("mae", "l2_fit_after", "huber"),
    "lr_schedule": ("lr_at.0", "lr_at.0", "lr_at.0"),
    "mixup_cutmix": ("loss", "labels.1", "labels.1"),
    "mobilenet_cost": ("macs_M", "params", "macs_M"),
    "mode_collapse": ("threshold.gain", "critical_g_steps", "round_factor"),
    "nms": ("comparisons", "final_scores.2", "final_scores.2"),
    "norm_axes": ("n_stats", "n_stats", "elements_per_stat"),
    "optimizer_steps": ("w.0", "w.0", "w.0"),
    "quadratic_convergence": ("lr_max", "rate_opt", "beta_opt"),
    "receptive_field": ("rf", "rf", "rf"),
    "regularization_path": ("coef.0", "coef.0", "lambda_max"),
    "roofline": ("ridge", "attainable_tflops", "intensity"),
    "shrinkage_1d": ("l1", "l1", "l1"),
    "softmax_loss": ("loss", of_the_target, "gradient.0"),
}

#: Arguments that a question need not name: the answer does not depend on them, or it tells them in other words.
UNSAID: dict[str, tuple[str, ...]] = {
    "average_precision": ("tp",),  # told as TP and FP
    "conv_cost": ("out_size",),
    "deconv_overlap": ("dims", "layers"),  # one-dimensional
    "dropout_bn_shift": ("p_keep", "n_samples"),  # the drop rate is told
    "gradient_flow": ("width", "batch", "scale"),
    "init_variance": ("depth", "width", "fan_out"),  # of a convolution, kernel and filters are told
    "kernel_psd": ("gamma", "degree"),  # 1, and squared
    "mode_collapse": ("steps", "g_steps"),
    "regularization_path": ("lambdas",),  # a path is not asked for where lambda_max is
    "roofline": ("peak_flops", "bandwidth"),  # told in TFLOPS and GB/s
}  # fmt: skip

every_level = pytest.mark.parametrize(
    ("name", "level"),
    [(name, level) for name in registry.names() for level in LEVELS],
)


@every_level
def test_an_exercise_holds_together(name: str, level: int) -> None:
    reported = REPORTED.get(name)
    for seed in SEEDS:
        exercise = drawn(name, level, seed)
        assert exercise.demo == name
        where = reported[level - 1] if reported else None
        check_answer(exercise, where(exercise) if callable(where) else where)
        check_mistakes(exercise)
        check_wording(exercise, UNSAID.get(name, ()))
        check_steps(exercise)
        check_grading(exercise)
        check_command(exercise)


@every_level
def test_the_same_seed_draws_the_same_exercise_and_others_draw_others(name: str, level: int) -> None:
    questions = [drawn(name, level, seed).question_zh for seed in SEEDS]
    assert questions == [drawn(name, level, seed).question_zh for seed in SEEDS]
    assert len(set(questions)) > 1
