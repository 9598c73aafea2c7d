"""Dates as feeds write them, to aware UTC; what cannot be believed is None."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import struct_time

from dateutil import parser as dateutil_parser
from dateutil.parser import ParserError

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH = re.compile(r"(\d{9,10})(?:\.\d+)?|(\d{12,13})")
_RFC822 = re.compile(
    r"(?:[a-z]+\.?,?\s+)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{4}|\d\d)"
    r"(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?)?\s*(?:\(?(?:utc|gmt)?([+-]\d\d):?(\d\d)|([a-z]{1,5}))?\)?"
)
_SPELLED = re.compile(r"[^\W\d_]+\.?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMERIC = re.compile(r"\d\s?[./年-]\s?\d")
_DAY_FIRST = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_MONTHS = (
    "jan janv januar january janvier enero ene gennaio gen янв январь января",
    "feb fév févr février february februar febrero febbraio фев февраль февраля",
    "mar mär mrz mars march märz marzo мар март марта",
    "apr avr avril april abril aprile abr апр апрель апреля",
    "may mai mayo maggio mag май мая",
    "jun juin june juni junio giugno giu июн июнь июня",
    "jul juil juillet july juli julio luglio lug июл июль июля",
    "aug août aout august agosto ago авг август августа",
    "sep sept septembre september septiembre settembre set сен сент сентябрь сентября",
    "oct okt octobre october oktober octubre ottobre ott окт октябрь октября",
    "nov novembre november noviembre ноя нояб ноябрь ноября",
    "dec déc dez décembre december dezember diciembre dicembre dic дек декабрь декабря",
)
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONE_HOURS = {
    "hst": -10, "akst": -9, "akdt": -8, "pst": -8, "pdt": -7, "mst": -7, "mdt": -6, "cst": -6,
    "cdt": -5, "est": -5, "edt": -4, "ast": -4, "adt": -3, "art": -3, "brt": -3, "ut": 0, "utc": 0,
    "gmt": 0, "z": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2,
    "mest": 2, "mesz": 2, "eet": 2, "sast": 2, "eest": 3, "idt": 3, "msk": 3, "trt": 3, "gst": 4,
    "pkt": 5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10,
    "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_ZONES = {name: timedelta(hours=hours) for name, hours in _ZONE_HOURS.items()}
_ZONES["ist"] = timedelta(hours=5, minutes=30)
_LONGEST = 80


def read(text: str | None, parsed: struct_time | None = None) -> datetime | None:
    """Return the instant that `text` names, or None; `parsed` is a UTC guess made elsewhere.

    RFC 822 with any year and zone name, ISO 8601, epoch seconds and milliseconds, numeric dates
    with the day first, month names in six languages. Dates before 1990 or after 2099 are not
    believed; a date without a zone is taken as UTC.
    """
    text = (text or "").strip()
    if not text or len(text) > _LONGEST:
        return None
    guessed = _from_tuple(parsed) if isinstance(parsed, struct_time) else None
    return _read(text) or _believed(guessed)


@lru_cache(maxsize=4096)
def _read(text: str) -> datetime | None:
    lowered = text.lower()
    for reader in (_epoch, _rfc822, _iso, _free):
        if (moment := _believed(reader(lowered))) is not None:
            return moment
    return None


def _believed(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC) if _EARLIEST <= moment < _LATEST else None
    except ValueError:  # a zone a day and more from Greenwich
        return None


def _epoch(text: str) -> datetime | None:
    match = _EPOCH.fullmatch(text)
    if not match:
        return None
    seconds = int(match[1]) if match[1] else int(match[2]) / 1000
    return datetime.fromtimestamp(seconds, UTC)


def _rfc822(text: str) -> datetime | None:
    match = _RFC822.fullmatch(text)
    if not match or match[2] not in _ENGLISH:
        return None
    day, _, year, hour, minute, second, zone_hours, zone_minutes, zone = match.groups("0")
    if zone_hours != "0":
        minutes = int(zone_minutes) * (-1 if zone_hours[0] == "-" else 1)
        offset = timedelta(hours=int(zone_hours), minutes=minutes)
    else:
        offset = _ZONES.get(zone, timedelta())
    try:
        clock = datetime(_whole_year(int(year)), _ENGLISH.index(match[2]) + 1, int(day), tzinfo=UTC)
        return clock + timedelta(hours=int(hour), minutes=int(minute), seconds=int(second)) - offset
    except ValueError:
        return None


def _whole_year(year: int) -> int:
    if year >= 100:
        return year
    return year + (2000 if year < 70 else 1900)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def _free(text: str) -> datetime | None:
    months = [word for word in _SPELLED.findall(text) if word.rstrip(".") in _MONTH_NUMBERS]
    if not _YEAR.search(text) or not (months or _NUMERIC.search(text)):
        return None
    try:
        return dateutil_parser.parse(
            _in_english(text, months),
            dayfirst=bool(_DAY_FIRST.match(text)),
            tzinfos=_zone_seconds,
            default=datetime(1, 1, 1),  # noqa: DTZ001 - the zone, if any, comes from the text
        )
    except (ParserError, OverflowError, ValueError, TypeError):
        return None


def _in_english(text: str, months: list[str]) -> str:
    if len(months) > 1:  # `mar. 17 févr.`: the first is a weekday
        text = text.replace(months[0], " ", 1)
    return _SPELLED.sub(_english_word, text)


def _english_word(match: re.Match[str]) -> str:
    word = match[0].rstrip(".")
    number = _MONTH_NUMBERS.get(word)
    if number:
        return f" {_ENGLISH[number - 1]} "
    if word in _ZONES:
        return f" {word.upper()} "
    return word if word in _KEPT else " "


def _zone_seconds(name: str | None, offset: int | None) -> int:
    if offset is not None:
        return offset
    return int(_ZONES.get((name or "").lower(), timedelta()).total_seconds())


def _from_tuple(parsed: struct_time) -> datetime | None:
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None


_KEPT = frozenset(("am", "pm", "t"))
