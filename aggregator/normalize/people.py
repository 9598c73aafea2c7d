"""The names of authors, out of the many ways in which feeds write them."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from aggregator import text

MAX_AUTHORS = 20
_MAX_FIELDS = 50
_MAX_FIELD_LENGTH = 2_000
_MAX_LENGTH = 200

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_NAME_IN_BRACKETS = re.compile(r"\(([^()]+)\)")
_BY = re.compile(r"(?:written )?by[:\s]\s*", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,\s*and\s|,?\s&\s|\sand\s)\s*", re.IGNORECASE)
_NOBODY = frozenset({"", "admin", "administrator", "author", "none", "null", "unknown"})


def names(published: Iterable[str]) -> tuple[str, ...]:
    """Return the names in author fields, each once; addresses only where there is no name."""
    people = [person for field in islice(published, _MAX_FIELDS) for person in _people(field)]
    named = [person for person in people if not _ADDRESS.fullmatch(person)]
    unique = {person.casefold(): person for person in reversed(named or people)}
    return tuple(reversed(unique.values()))[:MAX_AUTHORS]


@lru_cache(maxsize=256)
def _people(field: str) -> tuple[str, ...]:
    plain = " ".join(text.visible(field[:_MAX_FIELD_LENGTH]).split())
    by = _BY.match(plain)
    named = map(_named, _split(plain[by.end() :] if by else plain, sure=by is not None))
    return tuple(
        name[:_MAX_LENGTH] for name in named if name.casefold() not in _NOBODY and "://" not in name
    )


def _split(plain: str, *, sure: bool) -> Iterator[str]:
    """Split a list of people; names of one word only where it surely is one."""
    for several in plain.split(";"):
        ends = _AND.split(several)
        if not sure and not all(map(_is_full_name, ends)):
            ends = [several]
        for people in ends:
            parts = people.split(",")
            yield from parts if all(map(_is_full_name, parts)) else [people]


def _is_full_name(written: str) -> bool:
    return len(written.split()) > 1


def _named(person: str) -> str:
    """Return the name of one person: `a@b.c (Name)` and `Name <a@b.c>` are Name."""
    address = _ADDRESS.search(person)
    if address is None:
        return person.strip(" ,")
    bracketed = _NAME_IN_BRACKETS.search(person)
    name = bracketed[1] if bracketed and "@" not in bracketed[1] else _ADDRESS.sub("", person)
    return name.strip(" ,<>()[]\"'") or address[0].removeprefix("mailto:")
