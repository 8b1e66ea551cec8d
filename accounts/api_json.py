"""The one kind of body that the API reads: strict JSON of bounded size and depth."""

from __future__ import annotations

import json
from typing import Any, Never

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from accounts.api_errors import TooLarge

DEEPEST = 100
CHARSETS = {"", "utf-8", "utf8"}


class StrictJsonParser(BaseParser):  # type: ignore[misc]
    """Refuses with 400 what readers of JSON disagree about or no text may hold; above API_MOST_BYTES with 413."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        if charset_of(media_type or "") not in CHARSETS:
            raise UnsupportedMediaType(media_type, _("Send JSON as UTF-8."))
        most = settings.API_MOST_BYTES
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > most:
            raise TooLarge
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge
        return read_json(body)


def charset_of(media_type: str) -> str:
    """The charset that a Content-Type names, in small letters."""
    for parameter in media_type.split(";")[1:]:
        name, _equals, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def read_json(body: bytes) -> Any:
    """The value of a body. Raises ParseError with a sentence."""
    try:
        text = body.decode()
        value = json.loads(text, object_pairs_hook=without_duplicates, parse_constant=no_number, parse_float=finite)
    except UnicodeDecodeError as error:
        raise ParseError(_("This is not UTF-8.")) from error
    except RecursionError as error:
        raise ParseError(too_deep()) from error
    except ValueError as error:
        raise ParseError(_("This is not JSON.")) from error
    refuse_deep_nesting(value)
    if "\\u" in text:  # JSON and UTF-8 let neither a NUL nor half a character through but as an escape
        refuse_odd_texts(value)
    return value


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses an object that names a field twice: readers disagree about which one counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError(_("A field stands twice in one object."))
    return found


def no_number(_word: str) -> Never:
    raise ParseError(_("NaN and Infinity are no numbers here."))


def finite(digits: str) -> float:
    """Refuses a number beyond what a float holds."""
    number = float(digits)
    if abs(number) == float("inf"):
        no_number(digits)
    return number


def too_deep() -> str:
    return _("This is nested more than %(most)d deep.") % {"most": DEEPEST}


def refuse_deep_nesting(value: Any) -> None:
    """Walks the value level by level: nothing deeper than 100."""
    level, depth = [value], 0
    while level := [each for each in level if isinstance(each, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            raise ParseError(too_deep())
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]


def refuse_odd_texts(value: Any) -> None:
    """Looks at every text of a value that is not nested too deep, the names of fields among them."""
    if isinstance(value, str):
        refuse_odd_text(value)
    elif isinstance(value, dict | list):
        for each in [*value, *value.values()] if isinstance(value, dict) else value:
            refuse_odd_texts(each)


def refuse_odd_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError(_("A text holds a NUL character, which cannot be stored."))
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ParseError(_("A text holds half a character (a lone surrogate)."))
