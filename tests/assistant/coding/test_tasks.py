"""Every coding task: its solution passes, each slip fails where it says, and torch computes what is expected."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from assistant.coding import registry
from assistant.coding.checking import Verdict, check_source
from assistant.coding.comparing import difference, is_alike
from assistant.coding.running import Returned, Rival, run
from assistant.coding.types import Check, Task
from assistant.language import Language
from corpus.errors import UnknownName

TASKS = list(registry.tasks())


def test_there_are_tasks_and_a_wrong_name_offers_the_nearest() -> None:
    assert registry.names() == (
        "adamw_step", "attention", "batch_norm_backward", "conv2d", "iou", "max_pool_backward", "nms",
        "softmax_cross_entropy",
    )  # fmt: skip
    with pytest.raises(UnknownName, match="'nmss'") as caught:
        registry.load("nmss")
    assert "'nms'" in caught.value.hint


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_solution_passes_every_check_and_changes_nothing_it_is_given(task: Task) -> None:
    report = check_source(task, task.source)
    assert report.is_right, [c for c in report.checks if c.verdict is not Verdict.PASSED]
    assert (report.problem, report.changed, report.printed) == (None, (), "")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_each_slip_fails_the_check_it_names_in_a_way_of_its_own(task: Task) -> None:
    checks = {check.name: (n, check) for n, check in enumerate(task.checks())}
    assert len(checks) == len(task.checks())
    assert [slip.old for slip in task.slips if task.source.count(slip.old) != 1] == []
    calls = [tuple(check.arguments.values()) for _, check in checks.values()]
    rivals = [Rival(task.slipped(slip), checks[slip.check][0]) for slip in task.slips]
    ran = run(task.source, task.name, calls, rivals=rivals)
    outcomes = [ran.rivals[number] for number in range(len(rivals))]
    for n, (slip, outcome) in enumerate(zip(task.slips, outcomes, strict=True)):
        assert isinstance(outcome, Returned), (slip.told.en, outcome)
        expected = checks[slip.check][1].expected
        assert difference(outcome.value, expected, task.tolerance, task.returns), slip.told.en
        others = [o for s, o in zip(task.slips[:n], outcomes, strict=False) if s.check == slip.check]
        assert not any(is_alike(outcome, other, task.tolerance) for other in others), slip.told.en


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_an_answer_with_a_slip_is_told_which(task: Task) -> None:
    slip = task.slips[-1]
    report = check_source(task, task.slipped(slip))
    found = next(checked for checked in report.checks if checked.check.name == slip.check)
    assert (found.verdict, found.slips, found.is_certain) == (Verdict.WRONG, (slip,), True)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_skeleton_holds_the_signature_and_nothing_of_the_solution(task: Task) -> None:
    for language in Language:
        module = ast.parse(task.skeleton(language))
        functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
        assert [function.name for function in functions] == [task.name]
        assert ast.get_docstring(functions[0])
        assert len(functions[0].body) == 2
        arguments = [argument.arg for argument in functions[0].args.args]
        assert all(list(check.arguments) == arguments for check in task.checks())
        assert max(map(len, task.skeleton(language).splitlines())) <= 120


def arguments(task: str) -> list[tuple[Check, Any]]:
    """Return the checks of a task with their arguments as tensors."""
    return [
        (check, {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in check.arguments.items()})
        for check in registry.load(task).checks()
    ]


def test_the_convolutions_expected_are_those_of_torch() -> None:
    for check, given in arguments("conv2d"):
        out = F.conv2d(given["x"], given["w"], given["b"], given["stride"], given["padding"])
        np.testing.assert_allclose(check.expected, out.numpy(), atol=1e-12)


def test_the_gradients_of_batch_norm_expected_are_those_of_torch() -> None:
    for check, given in arguments("batch_norm_backward"):
        x, gamma = given["x"].requires_grad_(), given["gamma"].requires_grad_()
        beta = torch.zeros_like(gamma, requires_grad=True)
        y = F.batch_norm(x, None, None, gamma, beta, training=True, eps=given["eps"])
        torch.autograd.backward(y, given["dout"])
        for expected, parameter in zip(check.expected, (x, gamma, beta), strict=True):
            np.testing.assert_allclose(expected, parameter.grad.numpy(), atol=1e-9)


def test_the_cross_entropies_expected_are_those_of_torch() -> None:
    for check, given in arguments("softmax_cross_entropy"):
        logits = given["logits"].requires_grad_()
        loss = F.cross_entropy(logits, given["target"])
        torch.autograd.backward(loss)
        np.testing.assert_allclose(check.expected[0], loss.item(), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(check.expected[1], logits.grad.numpy(), atol=1e-12)


def test_the_attention_expected_is_that_of_torch() -> None:
    for check, given in arguments("attention"):
        out = F.scaled_dot_product_attention(given["q"], given["k"], given["v"], is_causal=given["causal"])
        np.testing.assert_allclose(check.expected, out.numpy(), atol=1e-9)


def test_the_gradients_of_pooling_expected_are_those_of_torch() -> None:
    for check, given in arguments("max_pool_backward"):
        x = given["x"].requires_grad_()
        torch.autograd.backward(F.max_pool2d(x[None], given["kernel"], given["stride"]), given["dout"][None])
        np.testing.assert_allclose(check.expected, x.grad.numpy())


def test_the_first_step_of_adamw_expected_is_that_of_torch() -> None:
    for check, given in arguments("adamw_step"):
        if given["t"] != 1:  # torch starts from its own state
            continue
        w = given["w"].clone().requires_grad_()
        settings = {name: given[name] for name in ("lr", "eps", "weight_decay")}
        w.grad = given["g"]
        torch.optim.AdamW([w], betas=(given["beta1"], given["beta2"]), **settings).step()
        np.testing.assert_allclose(check.expected[0], w.detach().numpy(), rtol=1e-9)


def test_the_boxes_kept_are_those_a_count_by_hand_keeps() -> None:
    kept = {check.name: check.expected for check in registry.load("nms").checks()}
    assert kept["unsorted"] == [1, 2]
    assert kept["chain"] == [0, 2]
    assert kept["threshold"] == [0, 1]
    assert kept["identical"] == [1]
    assert kept["empty"] == []
    overlaps = {check.name: check.expected for check in registry.load("iou").checks()}
    assert overlaps["overlapping"].tolist() == [[6 / 22]]
    assert overlaps["apart"].tolist() == overlaps["touching"].tolist() == [[0.0]]
    assert overlaps["identical"].tolist() == [[1.0]]
    assert overlaps["inside"].tolist() == [[2 / 16]]
    assert overlaps["empty"].shape == (0, 2)
