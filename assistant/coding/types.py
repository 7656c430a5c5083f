"""The values of a coding task: what is asked, what is checked with it, and the slips people make."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.language import Language

Array = NDArray[np.float64]

#: What a task's function is given and returns.
Value = Any


@dataclass(frozen=True, slots=True)
class Said:
    """One text in both languages."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the text in `language`."""
        return self.zh if language is Language.ZH else self.en


@dataclass(frozen=True, slots=True)
class Check:
    """One call of the function and what it must return; `arguments` are in the order of the signature."""

    name: str
    title: Said
    arguments: Mapping[str, Value]
    expected: Value


@dataclass(frozen=True, slots=True)
class Slip:
    """A typical mistake: the change that makes it from the solution, and the check that finds it.

    `old` stands exactly once in the solution's source. An answer that fails `check` with the value that the changed
    solution returns there made this slip; one that fails it otherwise may have.
    """

    check: str
    told: Said
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Task:
    """A function to write by hand, as an interviewer asks for it.

    `solution` is a function of numpy alone; its name, signature and docstring are what the user gets to fill in.
    `checks()` takes every expected value from the demos, never from `solution`. The lines of `statement` are broken by
    hand, for a comment takes them too. `topics` are what the title of a note about the task says ("bn & 反向": both);
    `terms` are words of a line the task is about. `returns` names the parts of what is returned, if several.
    """

    name: str
    title: Said
    statement: Said
    solution: Callable[..., Value]
    checks: Callable[[], tuple[Check, ...]]
    topics: tuple[str, ...]
    terms: tuple[str, ...]
    hints: tuple[Said, ...]
    slips: tuple[Slip, ...]
    follow_up: Said
    follow_up_answer: Said
    returns: tuple[str, ...] = ()
    tolerance: float = 1e-6

    @property
    def source(self) -> str:
        """The solution as a file."""
        return "import numpy as np\n\n\n" + inspect.getsource(self.solution)

    @property
    def signature(self) -> str:
        """The head of the function, over several lines where it is long."""
        return inspect.getsource(self.solution).partition('\n    """')[0]

    def slipped(self, slip: Slip) -> str:
        """Return the solution with `slip` made in it."""
        return self.source.replace(slip.old, slip.new)

    def skeleton(self, language: Language) -> str:
        """Return the file to fill in."""
        lines = [f"{self.title.in_(language)}", "", *self.statement.in_(language).splitlines()]
        comment = "\n".join(f"# {line}".rstrip() for line in lines)
        docstring = textwrap.indent(f'"""{inspect.getdoc(self.solution)}"""', "    ")
        return (
            f"{comment}\n# assistant code {self.name} --check THIS_FILE\n\nimport numpy as np\n\n\n"
            f"{self.signature}\n{docstring}\n    raise NotImplementedError\n"
        )
