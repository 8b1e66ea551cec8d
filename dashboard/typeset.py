"""Typesets report cards as one PDF/UA-1 file. What no font can draw is said on the card; it is never an error page."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

CARD = Path(__file__).with_name("card.typ")
STANDARD = "ua-1"  # tagged, for screen readers: ISO 14289-1
UNDRAWN = "▯"
ATTEMPTS = 4
# The compiler names each text that it found no glyph for, as Rust writes a string.
NO_GLYPH = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
# Marks that turn the direction of what follows them: a name could turn the line that it stands in.
DIRECTIONS = {ord(sign): None for sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
# A word that no column holds may break after every sixth sign, though never before one that belongs to the letter.
LONG_WORD = re.compile(r"[^\s-]{25,}")
MAY_BREAK, JOINER = "\N{ZERO WIDTH SPACE}", "\N{ZERO WIDTH JOINER}"

Words = dict[str, Any]


@cache
def fonts(*, of_the_system: bool) -> typst.Fonts:
    """The fonts within typst (Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari …), and those installed."""
    return typst.Fonts(include_system_fonts=of_the_system)


def typeset(title: str, school: str, cards: Sequence[Words], moment: datetime, *, system_fonts: bool = True) -> bytes:
    """The PDF of cards as `words_of` gives them, each on pages of its own.

    A character without a glyph would be an error of the standard. It is replaced and the card says so; its title, which
    is not drawn, keeps it. Should the compiler still refuse, the file is made without the standard: empty boxes then
    stand for what is missing, and every card says so.
    """
    labels = {"school": school, "kind": _("Report card"), "page": _("page"), "of": _("of")}
    cards = [clean({**card, "labels": labels}) for card in cards]
    lacking: set[str] = set()
    for _attempt in range(ATTEMPTS):
        try:
            return compile_cards(title, school, without(cards, lacking), moment, system_fonts, STANDARD)
        except typst.TypstError as error:
            found = undrawn(error.diagnostic)
            if found <= lacking:
                break
            lacking |= found
    cards = [{**card, "notice": notice()} for card in without(cards, lacking)]
    return compile_cards(title, school, cards, moment, system_fonts)


def compile_cards(
    title: str, author: str, cards: Sequence[Words], moment: datetime, system_fonts: bool, *standards: str
) -> bytes:
    """Run the compiler once. Texts go in as JSON and stay text: no sign in them is markup."""
    document = {
        "title": title,
        "author": author,
        "language": (get_language() or "en").partition("-")[0],
        "direction": "rtl" if get_language_bidi() else "ltr",
        "cards": cards,
    }
    return typst.compile(
        CARD,
        root=CARD.parent,
        font_paths=fonts(of_the_system=system_fonts),
        sys_inputs={"document": json.dumps(document)},
        pdf_standards=list(standards),  # type: ignore[arg-type]
        timestamp=int(moment.timestamp()),  # whole seconds, or it refuses
    )


def clean(words: Any) -> Any:
    """The same strings, lists and dicts without the marks of DIRECTIONS, and with places to break long words at."""
    return each_text(words, lambda text: LONG_WORD.sub(breakable, text.translate(DIRECTIONS)))


def breakable(word: re.Match[str]) -> str:
    """A long word with its places to break at."""
    pieces = []
    for place, sign in enumerate(word[0]):
        belongs = unicodedata.category(sign).startswith("M") or JOINER in word[0][max(place - 1, 0) : place + 1]
        pieces.append(f"{MAY_BREAK}{sign}" if place and place % 6 == 0 and not belongs else sign)
    return "".join(pieces)


def without(cards: Sequence[Words], lacking: set[str]) -> list[Words]:
    """Cards with a sign in place of each character that cannot be drawn; such a name gives way to the student id."""
    if not lacking:
        return list(cards)
    signs = {ord(character): UNDRAWN for character in lacking}
    drawn = []
    for card in cards:
        replaced = each_text(card, lambda text: text.translate(signs))
        if replaced != card:
            replaced["notice"] = notice()
        if replaced["name"] != card["name"]:
            replaced["name"] = _("Student %(student_id)s") % {"student_id": card["id"]}
        drawn.append(replaced)
    return drawn


def notice() -> str:
    return _(
        "The fonts that this card was made with do not have all of its letters. %(sign)s stands for one that is "
        "missing, and the student id for such a name. The report in the portal shows them all."
    ) % {"sign": UNDRAWN}


def undrawn(diagnostic: str) -> set[str]:
    """The characters that the compiler found no glyph for; none for another refusal."""
    return {character for text in NO_GLYPH.findall(diagnostic) for character in ESCAPE.sub(unescaped, text)}


def unescaped(escape: re.Match[str]) -> str:
    """One escape of a Rust string."""
    number, letter = escape.groups()
    if number:
        return chr(int(number, 16))
    return {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}.get(letter, letter)


def each_text(words: Any, change: Callable[[str], str]) -> Any:
    """The same strings, lists and dicts with each string changed; keys stay."""
    if isinstance(words, str):
        return change(words)
    if isinstance(words, list):
        return [each_text(word, change) for word in words]
    if isinstance(words, dict):
        return {key: each_text(word, change) for key, word in words.items()}
    return words
