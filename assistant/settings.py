"""Every setting, in one table: flag > environment > `config.toml` in the home folder > default.

The command line, `docs/settings.md` and the tests read `SETTINGS`; nothing else names an environment variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import StudyError
from corpus.plugins import unknown


class SettingError(StudyError):
    """A setting whose value cannot be used."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `parse` turns text into the value or raises ValueError; its docstring says which."""

    name: str
    default: str
    help: str
    parse: Callable[[str], Any]

    @property
    def env(self) -> str:
        """The environment variable: `ASSISTANT_` and the name."""
        return f"ASSISTANT_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return f"--{self.name.replace('_', '-')}"


def _text(text: str) -> str:
    """a piece of text"""
    return text.strip()


def _folder(text: str) -> Path:
    """the path of a folder"""
    return Path(text).expanduser().absolute()


def _paths(text: str) -> tuple[Path, ...]:
    """paths of files or folders"""
    return tuple(_folder(part) for part in text.split(os.pathsep) if part.strip())


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError
        return value

    parse.__doc__ = f"a whole number from {low:,} to {high:,}"
    return parse


def _decimal(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError
        return value

    parse.__doc__ = f"a number from {low:g} to {high:g}"
    return parse


def _switch(text: str) -> bool:
    """one of on, off, true, false, yes, no, 1, 0"""
    return {
        "on": True,
        "true": True,
        "yes": True,
        "1": True,
        "off": False,
        "false": False,
        "no": False,
        "0": False,
    }[text.strip().lower()]


def _thinking(text: str) -> bool | str:
    """on, off, or how hard to think: low, medium, high, max"""
    level = text.strip().lower()
    return level if level in ("low", "medium", "high", "max") else _switch(text)


def _names(text: str) -> tuple[str, ...]:
    """names of hosts without ports, separated by commas"""
    names = tuple(
        name.lower() for name in re.split(r"[\s,:;]+", text) if name
    )  # a list in TOML comes joined by ":"
    if not all(re.fullmatch(r"[a-z0-9._-]+", name) for name in names):
        raise ValueError
    return names


def _limits(text: str) -> str:
    """nothing, or limits such as 120/minute or 10/second;1000/hour"""
    one = r"[1-9]\d{0,8}/(?:second|minute|hour|day)"
    if text.strip() and not re.fullmatch(rf"{one}(?:;{one})*", text.strip()):
        raise ValueError
    return text.strip()


SETTINGS: tuple[Setting, ...] = (
    Setting("home", "~/.study-assistant", "Folder that holds everything the program writes.", _folder),
    Setting(
        "notes",
        "",
        f"Notes to study, files or folders joined by {os.pathsep!r}. Empty: the shipped notes and HOME/notes.",
        _paths,
    ),
    Setting(
        "model",
        "auto",
        "Who writes the answers: `auto` (Ollama if it is there), `notes` (no model), `ollama:MODEL` or "
        "`openai:MODEL`.",
        _text,
    ),
    Setting(
        "embedder",
        "bundled",
        "What embeds the passages: `bundled`, `hashed`, a Hugging Face name such as BAAI/bge-m3, a folder, or "
        "`ollama:MODEL`. `assistant setup --embedder NAME` fetches the model and changes this.",
        _text,
    ),
    Setting(
        "reranker",
        "",
        "A cross-encoder of sentence-transformers (a hub name or a folder) that orders the best hits anew, such as "
        "BAAI/bge-reranker-v2-m3. Slow without a GPU. Empty: none.",
        _text,
    ),
    Setting(
        "coverage_threshold",
        "0.29",
        "How sure it must be that the notes cover a question to answer it: 0 answers everything, 1 next to nothing.",
        _decimal(0.0, 1.0),
    ),
    Setting(
        "retention",
        "0.9",
        "Chance of recall at which a review is due; higher means more reviews.",
        _decimal(0.7, 0.97),
    ),
    Setting("new_per_day", "8", "New cards a day, where no interview needs more.", _integer(0, 200)),
    Setting("ollama_host", "", "Address of Ollama. Empty: OLLAMA_HOST, else http://127.0.0.1:11434.", _text),
    Setting(
        "openai_base_url",
        "",
        "Address of a server that speaks the OpenAI chat API, such as http://127.0.0.1:8080/v1. "
        "Empty: OPENAI_BASE_URL. Its key is read from OPENAI_API_KEY only.",
        _text,
    ),
    Setting("num_ctx", "8192", "Context window asked of the model, in tokens.", _integer(1024, 1_048_576)),
    Setting("num_predict", "1024", "Longest answer of the model, in tokens.", _integer(16, 65_536)),
    Setting("temperature", "0.3", "Sampling temperature of the model.", _decimal(0.0, 2.0)),
    Setting("think", "off", "Let a thinking model think first: on, off, low, medium, high, max.", _thinking),
    Setting("show_thoughts", "on", "Show a model's thoughts, dimmed, before its answer.", _switch),
    Setting(
        "allowed_hosts",
        "",
        "Names beside localhost that `assistant serve` answers to, separated by commas, such as a proxy's. With any, "
        "every request needs a key.",
        _names,
    ),
    Setting("rate_limit", "120/minute", "Requests of one key. Empty: no limit.", _limits),
    Setting(
        "model_rate_limit",
        "20/minute",
        "Turns at the model of one key or Slack user. Empty: no limit.",
        _limits,
    ),
    Setting(
        "telemetry",
        "off",
        "Send traces of the server by OpenTelemetry, where the OTEL_* variables say; needs the extra `telemetry`.",
        _switch,
    ),
    Setting(
        "timeout", "300", "Seconds to wait for the model's first word (loading included).", _decimal(1, 3600)
    ),
    Setting(
        "idle_timeout", "60", "Seconds of silence in the middle of an answer that end it.", _decimal(1, 3600)
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """The values in force. Field names are those of `SETTINGS`."""

    home: Path
    notes: tuple[Path, ...]
    model: str
    embedder: str
    reranker: str
    coverage_threshold: float
    retention: float
    new_per_day: int
    ollama_host: str
    openai_base_url: str
    num_ctx: int
    num_predict: int
    temperature: float
    think: bool | str
    show_thoughts: bool
    allowed_hosts: tuple[str, ...]
    rate_limit: str
    model_rate_limit: str
    telemetry: bool
    timeout: float
    idle_timeout: float


def read_settings(
    flags: Mapping[str, str | None] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings in force; `flags` maps a setting's name to its text, None where not given.

    Raises `SettingError` naming the value, where it came from and what is allowed.
    """
    environment = os.environ if environment is None else environment
    given = {name: text for name, text in (flags or {}).items() if text is not None}
    home = _value(_BY_NAME["home"], given, environment, {}, Path())
    file = home / "config.toml"
    configured = _read_config(file)
    values = {s.name: _value(s, given, environment, configured, file) for s in SETTINGS}
    return Settings(**values | {"home": home})


def _value(
    setting: Setting,
    flags: Mapping[str, str],
    environment: Mapping[str, str],
    configured: Mapping[str, Any],
    file: Path,
) -> Any:
    for origin, text in (
        (setting.flag, flags.get(setting.name)),
        (setting.env, environment.get(setting.env)),
        (str(file), configured.get(setting.name)),
        ("its default", setting.default),
    ):
        if text is None:
            continue
        if isinstance(text, list):  # the natural way to write several paths in TOML
            text = os.pathsep.join(map(str, text))
        try:
            if isinstance(text, Mapping):  # a TOML [table] of that name
                raise ValueError
            return setting.parse(str(text))
        except (ValueError, KeyError, RuntimeError) as error:  # RuntimeError: the home of nobody, ~nobody/
            raise SettingError(
                f"{setting.name} = {text!r} (from {origin}) cannot be used", f"Give {setting.parse.__doc__}."
            ) from error
    raise AssertionError("every setting has a default")


def _read_config(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"the settings in {str(file)!r} cannot be read: {error}", "Mend or remove the file."
        ) from error
    import tomllib

    try:
        configured = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{str(file)!r} is not TOML: {error}", "Mend the line it names.") from error
    for key in configured:
        if key not in _BY_NAME or key == "home":
            raise unknown(f"setting in {str(file)!r}", key, [name for name in _BY_NAME if name != "home"])
    return configured
