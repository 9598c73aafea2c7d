"""Wire datelines: where, by whom and when, as agencies open their reports."""

import re
from dataclasses import dataclass
from datetime import date

from aggregator.model import Dateline
from aggregator.normalize.days import read_day
from aggregator.normalize.places import AGENCIES, CITIES, LABELS
from aggregator.text.regions import REGIONS

_LINES = 6
_DEEPEST = 2_000
_LINE_LENGTH = 160

_DASH = r"\s*[.:]?\s*(?:[–—―−]+|--+)\s*|\s*[.:]?\s*-\s+|\s+-"
_BRACKETED = re.compile(
    rf"""(?P<before>[^()\[\]]{{0,80}}?)\s*
    (?:[(\[](?P<round>[^()\[\]]{{2,60}})[)\]]|(?:(?<=\s)|^)/(?P<slashed>[^/]{{2,30}})/\.?)
    (?P<end>{_DASH}|:\s)?""",
    re.VERBOSE,
)
_DASHED = re.compile(r"(?P<before>[^()\[\]—–:]{3,80}?)(?P<end>\s*[–—―−]+\s*|\s*--+\s*|\s-\s|:\s)")
# What the two above cannot match without; few lines have it, and these are found much sooner.
_BRACKET = re.compile(r"[(\[/]")
_DASH_OR_COLON = re.compile(r"[–—―−]|--|\s-\s|:\s")
_PLACE = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’ʼ-])*(?: [^\W\d_](?:[^\W\d_]|[.'’ʼ-])*){0,4}")
_PLACE_ENDS = re.compile(r"\s*[,/]\s*|\s+(?:and|und|et|y|и|&)\s+")
_AGENCY = re.compile(r"[^\W\d_][\w.&'’+-]*(?: [\w.&'’+-]+)?")
_INSIDE_ENDS = re.compile(r"\s*[/|]\s*")
_SIGNED = re.compile(r"(?P<agency>[^.!?]{2,25}?)\.\s+")


@dataclass(frozen=True, slots=True)
class Found:
    """A dateline and where it stands in the text: from `start` to `end`, white space included."""

    dateline: Dateline
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A place as written; `capital` when in capitals, `known` when it needs no other evidence."""

    written: str
    capital: bool
    known: bool


def find(text: str, near: date) -> Found | None:
    """Return the dateline at the head of one of the first lines of a plain text.

    A day without year is the latest one that is not after `near`. What is not surely a dateline
    is none: a place in capitals with an agency, a day, or a name that stands alone counts.
    """
    start = 0
    for number, line in enumerate(text.split("\n", _LINES)[:_LINES]):
        head = line[:_LINE_LENGTH]
        if read := _read(head, near, opens=number == 0):
            dateline, length = read
            end = start + length
            end += len(text[end:]) - len(text[end:].lstrip())
            return Found(dateline, start, end) if end < len(text) else None
        start += len(line) + 1
        if start > _DEEPEST:
            break
    return None


def _read(line: str, near: date, *, opens: bool) -> tuple[Dateline, int] | None:
    """Read the dateline that a line begins with, and how long it is."""
    if line[:1].islower():
        return None
    return _bracketed(line, near) or _dashed(line, near, opens=opens)


def _bracketed(line: str, near: date) -> tuple[Dateline, int] | None:
    """Read `PLACE, DAY (AGENCY) -`, `PLACE (AGENCY / DAY) -`, `(DAY / AGENCY)`, `/AGENCY/`."""
    match = _BRACKETED.match(line) if _BRACKET.search(line) else None
    if match is None:
        return None
    before, day = _split_day(match["before"], near)
    inside = _inside(match["round"] or match["slashed"], near)
    if inside is None:
        return None
    agency, day = inside[0], day or inside[1]
    place = _place(before)
    if match["before"] and place is None:
        return None
    if not _is_sure(place, agency, day, ended=match["end"] is not None):
        return None
    return Dateline(place.written if place else None, agency, day), match.end()


def _is_sure(place: _Place | None, agency: str | None, day: date | None, *, ended: bool) -> bool:
    """Return whether so much speaks for a dateline that it cannot be the text's own words."""
    known = agency is not None and agency.casefold() in AGENCIES
    if place is None:
        return agency is not None and (day is not None or (known and ended))
    if agency is None:
        return place.capital and day is not None and ended
    if _initials(place.written) == agency.casefold():
        return False
    if known or (place.capital and not _stands_for(agency, place.written)):
        return ended or day is not None
    return ended and day is not None


def _dashed(line: str, near: date, *, opens: bool) -> tuple[Dateline, int] | None:
    """Read `PLACE, DAY -`, `PLACE, DAY - AGENCY.`, and places that can only be a dateline."""
    match = _DASHED.match(line) if _may_be_dashed(line) else None
    if match is None:
        return None
    colon = match["end"].startswith(":")
    if colon and line[1:2].islower():  # it ends places in capitals only
        return None
    before, day = _split_day(match["before"], near)
    place = _place(before)
    if place is None:
        return None
    if day is not None and place.capital and not colon:
        signed = _SIGNED.match(line, match.end())
        if signed and signed["agency"].casefold() in AGENCIES:
            return Dateline(place.written, signed["agency"], day), signed.end()
        return Dateline(place.written, None, day), match.end()
    titled = opens and not colon and "-" not in match["end"]
    if day is None and place.known and (place.capital or titled):
        return Dateline(place.written), match.end()
    return None


def _may_be_dashed(line: str) -> bool:
    """Whether a dash or colon ends a word; most lines need no pattern to tell."""
    if line.isascii() and line.isprintable():
        return ": " in line or " - " in line or "--" in line
    return _DASH_OR_COLON.search(line) is not None


def _split_day(written: str, near: date) -> tuple[str, date | None]:
    """Split `KYIV/WARSAW, Feb 17` into the place and the day, if one ends it."""
    if not any(map(str.isdigit, written)):
        return written.strip(" ,–—-"), None
    words = written.split()
    for first in range(max(0, len(words) - 6), len(words)):
        if day := read_day(" ".join(words[first:]), near):
            return " ".join(words[:first]).rstrip(" ,"), day
    return written.strip(" ,–—-"), None


def _inside(written: str, near: date) -> tuple[str | None, date | None] | None:
    """Read what stands in the brackets: an agency, a day, or both; None if it is neither."""
    agencies, found = [], None
    for part in _INSIDE_ENDS.split(written.strip()):
        name, day = _split_day(part, near)
        if name and not _is_agency(name):
            return None
        agencies += [name] if name else []
        found = found or day
    return "/".join(agencies) or None, found


def _is_agency(name: str) -> bool:
    if name.casefold() in AGENCIES:
        return True
    return (
        len(name) <= 30
        and _AGENCY.fullmatch(name) is not None
        and name != name.lower()
        and name.casefold() not in REGIONS | CITIES
    )


def _place(written: str) -> _Place | None:
    """Read a place, or several, with the regions that explain them."""
    parts = _PLACE_ENDS.split(written)
    if len(parts) > 5 or not all(map(_PLACE.fullmatch, parts)):
        return None
    folded = [part.casefold() for part in parts]
    if not LABELS.isdisjoint(folded[0].split()) or not all(map(_is_name, parts)):
        return None
    capital = parts[0].isupper() and sum(map(str.isalpha, parts[0])) > 2
    explained = len(parts) > 1 and folded[-1] in REGIONS and folded[0] not in REGIONS
    known = explained or (capital and all(part in CITIES for part in folded))
    return _Place(written, capital, known)


def _is_name(part: str) -> bool:
    """Return whether every word begins with a capital, but for the small ones inside names."""
    words = part.split()
    return not words[0][0].islower() and all(
        not word[0].islower() or len(word) < 4 or word.startswith("al-") for word in words
    )


def _stands_for(bracket: str, name: str) -> bool:
    """Return whether a bracket abbreviates or spells out a name: `NVIDIA (NVDA)`, `IDF (I… D…)`."""
    if " " in bracket:
        return name.casefold().startswith(_initials(bracket))
    rest = iter(name.casefold())
    return all(letter in rest for letter in bracket.casefold() if letter.isalpha())


def _initials(name: str) -> str:
    words = name.replace("-", " ").split()
    return "".join(word[0] for word in words if not word[0].islower()).casefold()
