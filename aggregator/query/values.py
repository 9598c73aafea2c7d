"""What the value of a field means: days, numbers, languages, hosts, what has: and is: know."""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from aggregator import text, urls
from aggregator.errors import QueryError
from aggregator.query import days
from aggregator.query.lexer import Token, nearest
from aggregator.query.tree import DateField, Dates, Exact, Has, Is, Query, Text, TextField, Words

HAS: Final = ("image", "enclosure", "comments", "author", "summary", "story")
IS: Final = ("starred",)
EXAMPLES: Final = {
    "title": "title:election", "tag": 'tag:"Middle East"', "feed": "feed:bbc",
    "author": 'author:"Jane Doe"', "language": "language:en", "site": "site:example.org",
    "story": "story:ID", "is": "is:starred", "has": "has:image", "words": "words:>300",
    "after": "after:2026-02-01", "before": "before:2026-03-01", "date": "date:7d",
}  # fmt: skip

_RANGE: Final = re.compile(r"(-?\d{0,12})\.\.(-?\d{0,12})")
_COMPARED: Final = re.compile(r"(>=|<=|>|<|=)?(-?\d{1,12})")
_LANGUAGE: Final = re.compile("[a-z]{2,3}")
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SOME_ZONE: Final = ZoneInfo("UTC")


def node(field: str | None, value: Token) -> Query | None:
    """The node of a value under its field; None for words that fold to nothing.

    Raises QueryError when the field knows no such value.
    """
    match field:
        case None | "title" | "author" | "feed":
            return _text(field, value)
        case "tag" | "story":
            return Exact(field, value.text)
        case "after" | "before" | "date":
            return _dates(field, value)
        case "words":
            return _words(value)
        case "language":
            return _language(value)
        case "site":
            return _site(value)
        case "has":
            return Has(_one_of(HAS, "has", value))
        case _:
            return Is(_one_of(IS, "is", value))


def _text(field: TextField | None, value: Token) -> Text | None:
    words = value.text
    if value.kind == "phrase":
        return Text(words, field, phrase=True) if text.query_terms(words) else None
    bare = words.rstrip("*")
    if bare == words or text.prefix(bare) is None:
        return Text(bare, field) if text.query_terms(bare) else None
    return Text(bare, field, prefix=True)


def _dates(field: DateField, value: Token) -> Dates:
    written = "".join(value.text.split())
    if days.span(field, written, now=_SOME_DAY, timezone=_SOME_ZONE) is None:
        raise _error(value, f'"{value.text}" is no date; write {days.FORMS}')
    return Dates(None, None, field, written)


def _words(value: Token) -> Words:
    written = re.sub(r"[\s,_]", "", value.text)
    if match := _RANGE.fullmatch(written):
        bounds = [int(bound) if bound.strip("-") else None for bound in match.groups()]
        given = sorted(bound for bound in bounds if bound is not None)
        if given:
            return Words(*given) if len(given) == 2 else Words(*bounds)
    elif match := _COMPARED.fullmatch(written):
        count = int(match[2])
        limits = {">": (count + 1, None), ">=": (count, None), "<": (None, count - 1)}
        return Words(*(limits | {"<=": (None, count)}).get(match[1], (count, count)))
    raise _error(value, f'"{value.text}" is no number of words; write words:>300 or words:100..300')


def _language(value: Token) -> Exact:
    code = text.primary(value.text) or ""
    if not _LANGUAGE.fullmatch(code):
        raise _error(value, f'"{value.text}" is no language code; write one such as language:en')
    return Exact("language", code)


def _site(value: Token) -> Exact:
    address = value.text if "://" in value.text else f"https://{value.text.lstrip('.*/')}"
    host = urls.host(address).removeprefix("www.")
    if not host:
        raise _error(value, f'"{value.text}" is no site; write its name, such as site:example.org')
    return Exact("site", host)


def _one_of(known: tuple[str, ...], field: str, value: Token) -> str:
    name = value.text.strip().lower()
    singular = {name, f"{name}s", name.removesuffix("s")}
    if found := next((what for what in known if what in singular), None):
        return found
    meant = nearest(name, known)
    suggestion = f'did you mean "{field}:{meant}"?' if meant else f"it knows {', '.join(known)}"
    raise _error(value, f'"{field}:" does not know "{value.text}"; {suggestion}')


def _error(value: Token, message: str) -> QueryError:
    return QueryError(f"Column {value.column}: {message}.".replace("?.", "?"), column=value.column)
