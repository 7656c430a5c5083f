"""Decks for Anki: text that it imports by itself, and packages that open by a double click.

The first field is our own id, as the Anki manual ("Importing text files") advises: a deck that is imported again
updates its notes and keeps their schedule. Fields are HTML, so everything is escaped before markup is put in.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterable
from html import escape
from io import StringIO
from pathlib import Path

from assistant.export.deck import DeckCard
from assistant.language import Language
from corpus.errors import StudyError

FIELDS = ("ID", "Question", "Answer", "Source")
NOTE_TYPE = "Interview Study Assistant"
_DECKS = {Language.ZH: "面试笔记", Language.EN: "Interview notes"}
#: Chosen once and for good: by these Anki knows that a later deck is the same one.
_MODEL_ID = 1_719_330_417
_DECK_IDS = {Language.ZH: 1_860_214_551, Language.EN: 1_860_214_552}

_PARTS = re.compile(
    r"(?P<block>\$\$(?P<in_block>.+?)\$\$)|(?P<math>(?<![\\$])\$(?P<in_math>[^$\n]+?)(?<!\\)\$)"
    r"|(?P<fence>```[^\n]*\n(?P<in_fence>.*?)```)|(?P<code>`(?P<in_code>[^`\n]+)`)",
    re.DOTALL,
)
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_CSS = """.card { font-family: sans-serif; font-size: 20px; line-height: 1.5; text-align: left; max-width: 40em;
margin: auto; padding: 0 1em; } pre { white-space: pre-wrap; font-size: 16px; }
.source { color: #888; font-size: 13px; margin-top: 1.5em; }"""


class NoGenanki(StudyError):
    """The package that writes `.apkg` files is not installed."""


def deck_text(cards: Iterable[DeckCard], language: Language) -> str:
    """Return a deck as the text that Anki 2.1.54 and later import with all settings made."""
    out = StringIO()
    names = [*FIELDS, "Deck", "Tags"]
    head = [
        "#separator:tab",
        "#html:true",
        f"#notetype:{NOTE_TYPE}",
        "#columns:" + "\t".join(names),
        f"#deck column:{len(names) - 1}",
        f"#tags column:{len(names)}",
    ]
    out.write("\n".join(head) + "\n")
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for card in cards:
        writer.writerow([*_fields(card), _DECKS[language], " ".join(card.tags)])
    return out.getvalue()


def deck_package(cards: Iterable[DeckCard], language: Language) -> bytes:
    """Return a deck as an `.apkg` file. Raises `NoGenanki` where the extra `anki` is not installed."""
    try:
        import genanki  # type: ignore[import-untyped]
    except ImportError as error:
        raise NoGenanki(
            "an .apkg needs genanki, which is not installed",
            "pip install 'interview-study-assistant[anki]', or export a .tsv, which needs nothing.",
        ) from error

    template = {
        "name": "Card 1",
        "qfmt": "{{Question}}",
        "afmt": '{{FrontSide}}<hr id="answer">{{Answer}}<div class="source">{{Source}}</div>',
    }
    fields = [{"name": name} for name in FIELDS]
    model = genanki.Model(
        _MODEL_ID, NOTE_TYPE, fields=fields, templates=[template], css=_CSS, sort_field_index=1
    )
    deck = genanki.Deck(_DECK_IDS[language], _DECKS[language])
    for card in cards:
        note = genanki.Note(model=model, fields=_fields(card), tags=list(card.tags), guid=card.card_id)
        deck.add_note(note)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "deck.apkg"
        genanki.Package(deck).write_to_file(str(file))
        return file.read_bytes()


def _fields(card: DeckCard) -> list[str]:
    return [card.card_id, html(card.question), html(card.answer), html(card.source)]


def html(text: str) -> str:
    r"""Return plain text with Markdown's formulas, code and bold in it as HTML; formulas as \( \) and \[ \]."""
    found, end = [], 0
    for part in _PARTS.finditer(text):
        found += [_prose(text[end : part.start()]), _marked_up(part)]
        end = part.end()
    return "".join([*found, _prose(text[end:])])


def _marked_up(part: re.Match[str]) -> str:
    if part["block"]:
        return rf"\[{_escaped(part['in_block'].strip())}\]"
    if part["math"]:
        return rf"\({_escaped(part['in_math'].strip())}\)"
    if part["fence"]:
        return f"<pre><code>{_escaped(part['in_fence'].rstrip())}</code></pre>"
    return f"<code>{_escaped(part['in_code'])}</code>"


def _prose(text: str) -> str:
    return _BOLD.sub(r"<b>\1</b>", _escaped(text))


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\r", "").replace("\n", "<br>")
