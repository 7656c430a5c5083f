"""What a file that is sent here may be called, and how large it may be. Names are refused, never mended.

A mended name is another name: the sender would look for a note that is not there.
"""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from api.access.bodies import MAX_UPLOAD
from api.access.refusals import BadFile, BodyTooLarge
from corpus import reading

#: Bytes of a name: what file systems take, 255, less what a file is called while it is written.
MAX_NAME_BYTES = 200
#: What some file system or shell takes for more than a character of a name.
_SPECIAL = frozenset('/\\<>:"|?*')
#: Names of devices, which Windows opens in every folder and under every suffix.
_DEVICES = frozenset({"con", "prn", "aux", "nul", "conin$", "conout$"}) | {
    f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"
}


def safe_name(name: str) -> str:
    """Return `name`, in Unicode's composed form, as the name of a note in a folder of ours. Raises `BadFile`.

    The composed form (NFC) makes one name of those that look the same and would be two files, or one, by file system.
    """
    name = unicodedata.normalize("NFC", name)
    if any(character in _SPECIAL or unicodedata.category(character).startswith("C") for character in name):
        raise _refused(name, "holds a character that a name may not have")
    if name.startswith((".", "~", "-")) or name != name.strip() or name.endswith("."):
        raise _refused(name, "begins or ends with a character that a name may not begin or end with")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise _refused(name, f"is longer than {MAX_NAME_BYTES} bytes")
    if name.partition(".")[0].rstrip().casefold() in _DEVICES:
        raise _refused(name, "is the name of a device")
    if PurePosixPath(name).suffix.lower() not in reading.suffixes():
        kinds = ", ".join(sorted(reading.suffixes()))
        raise BadFile(f"{name!r} is not a kind of note", f"Notes are files ending in {kinds}.")
    return name


def check_size(data: bytes) -> None:
    """Raise `BodyTooLarge` for a file that is larger than a note may be."""
    if len(data) > MAX_UPLOAD:
        raise BodyTooLarge(
            f"the file has {len(data):,} bytes, a note may have {MAX_UPLOAD:,}",
            "Split it, or add it on the server.",
        )


def _refused(name: str, why: str) -> BadFile:
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    return BadFile(f"{shown!r} {why}", "Call it something like `batch_norm.md`.")
