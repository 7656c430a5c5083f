"""What is done with what is found: answering, demos, the command line. Start with `open_assistant`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.study import Assistant, open_assistant

__all__ = ["Assistant", "Settings", "open_assistant"]

_HOME = {"Assistant": "study", "open_assistant": "study", "Settings": "settings"}


def __getattr__(name: str) -> Any:
    # Importing the package must stay cheap: `assistant --help` imports it too.
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"assistant.{_HOME[name]}"), name)
    raise AttributeError(f"module 'assistant' has no attribute {name!r}")
