"""The ZIP and XML that Office files are made of, opened so that a hostile one costs nothing.

What a bomb would unpack is added up before anything is unpacked, and XML that declares a document type, which
Office never writes and entity expansion needs, is refused. It knows neither documents nor slides.

python-docx and python-pptx would read the same files, but leave out formulas, and bring lxml and Pillow along.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from corpus.errors import NoteError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_UNPACKED = 200 * 2**20
"""Bytes that all parts of one file may unpack to."""

MAX_RATIO = 100
"""How many times its packed size a part above `SMALL` may unpack to. XML reaches 20, bombs 1000."""

SMALL = 2**20
MAX_PARTS = 20_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what an encrypted Office file, and one from before 2007, begins with
_PREFIXES = {
    "wordprocessingml": "w_",
    "presentationml": "p_",
    "drawingml": "a_",
    "math": "m_",
    "relationships": "r_",
    "markup-compatibility": "mc_",
}
_NAMESPACE = re.compile(rf"\{{[^}}]*?({'|'.join(_PREFIXES)})[^}}]*\}}|\{{[^}}]*\}}")


@dataclass(frozen=True, slots=True)
class Package:
    """An Office file: its path, what it should be ("Word document"), and its parts by name."""

    path: Path
    kind: str
    zip: ZipFile

    def xml(self, part: str) -> Element | None:
        """Return the root of a part, with names such as `w_p` for `w:p`, or None where it is absent."""
        from xml.etree.ElementTree import fromstring

        if part not in self.zip.namelist():
            return None
        data = self.zip.read(part)
        if b"<!DOCTYPE" in data or b"\0" in data:  # NUL bytes: UTF-16, in which the first would not be seen
            raise self.error(f"its part {part!r} is not XML as Office writes it")
        root = fromstring(data)
        for element in root.iter():
            element.tag = _NAMESPACE.sub(_prefix, element.tag)
            for name in [name for name in element.attrib if name.startswith("{")]:
                element.attrib[_NAMESPACE.sub(_prefix, name)] = element.attrib.pop(name)
        return root

    def related(self, part: str, kind: str) -> dict[str, str]:
        """Return id -> part for the relationships of `part` whose type ends in `kind`, such as "slide"."""
        folder, name = posixpath.split(part)
        root = self.xml(f"{folder}/_rels/{name}.rels".lstrip("/"))
        return {
            link.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, link.get("Target", "")))[1:]
            for link in (root if root is not None else ())
            if link.get("Type", "").endswith(f"/{kind}") and link.get("TargetMode") != "External"
        }

    def main(self) -> str:
        """Return the name of the part that the file is about. Raises `NoteError` where there is none."""
        for part in self.related("", "officeDocument").values():
            if part in self.zip.namelist():
                return part
        raise self.error("it has no main part")

    def error(self, reason: str) -> NoteError:
        """Return the error for a file that is not what it should be."""
        return _unreadable(self.path, self.kind, reason)


@contextmanager
def opened(path: Path, data: bytes, kind: str) -> Iterator[Package]:
    """Open the Office file in `data`; inside the block every fault of ZIP or XML becomes a `NoteError`."""
    from xml.etree.ElementTree import ParseError

    if data.startswith(_OLE):
        message = f"{str(path)!r} is protected by a password, or from before Office 2007"
        raise NoteError(path, message, f"Open it and save it as a {kind} without a password.")
    try:
        with ZipFile(BytesIO(data)) as archive:
            _refuse_bomb(path, archive)
            yield Package(path, kind, archive)
    except BadZipFile as error:
        reason = f"it is damaged ({error})" if data.startswith(b"PK") else "it is not one"
        raise _unreadable(path, kind, reason) from None
    except (ParseError, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise _unreadable(path, kind, f"it is damaged ({error})") from None


def _unreadable(path: Path, kind: str, reason: str) -> NoteError:
    hint = "Open it in an Office program and save it again."
    return NoteError(path, f"{str(path)!r} cannot be read as a {kind}: {reason}", hint)


def _refuse_bomb(path: Path, archive: ZipFile) -> None:
    """Raise `NoteError` by what the parts declare; `zipfile` never unpacks more of a part than it declares."""
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    worst = max(
        (part.file_size / max(part.compress_size, 1) for part in parts if part.file_size > SMALL), default=0
    )
    if total > MAX_UNPACKED or worst > MAX_RATIO or len(parts) > MAX_PARTS:
        size = f"{total / 2**20:.0f} MB in {len(parts)} parts, packed up to {max(worst, 1):.0f}:1"
        message = f"{str(path)!r} would unpack to {size}"
        limit = f"at most {MAX_UNPACKED // 2**20} MB and {MAX_RATIO}:1"
        raise NoteError(path, message, f"A note unpacks to {limit}; split it into smaller ones.")


def _prefix(match: re.Match[str]) -> str:
    return _PREFIXES[match[1]] if match[1] else ""
