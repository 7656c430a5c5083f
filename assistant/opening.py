"""What is opened on first use and then kept: by one thread, while the others wait for it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, Protocol, Self, TypeVar, cast, overload

T = TypeVar("T")


class Opening(Protocol):
    """An object with a reentrant lock for what it opens."""

    opening: AbstractContextManager[Any]


class opened_once(cached_property[T]):
    """A `cached_property` of an `Opening`, computed once. Since Python 3.12 functools' own has no lock.

    What is there already is read without the lock, and without this class: it stands in the object's dictionary.
    """

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Self | T:
        if instance is None:
            return self
        with cast(Opening, instance).opening:
            if self.attrname in vars(instance):  # another opened it while we waited
                return cast(T, vars(instance)[self.attrname])
            return super().__get__(instance, owner)
