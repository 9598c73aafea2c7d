"""Days as they are written in the datelines of five languages."""

import re
from datetime import date

_MONTHS = (
    "jan january januar jänner janvier enero янв января январь",
    "feb february februar februar févr fév février febrero фев февр февраля февраль",
    "mar march mär märz mars marzo мар марта март",
    "apr april avr avril abr abril апр апреля апрель",
    "may mai mayo мая май",
    "jun june juni juin junio июн июня июнь",
    "jul july juli juil juillet julio июл июля июль",
    "aug august août aout ago agosto авг августа август",
    "sep sept september septembre septiembre setiembre сен сент сентября сентябрь",
    "oct okt october oktober octobre octubre окт октября октябрь",
    "nov november novembre noviembre ноя нояб ноября ноябрь",
    "dec dez december dezember déc décembre dic diciembre дек декабря декабрь",
)
_WEEKDAYS = (
    "mon monday mo montag lundi lun lunes пн понедельник",
    "tue tues tuesday di dienstag mardi martes вт вторник",
    "wed wednesday mi mittwoch mercredi miércoles mié ср среда среду",
    "thu thur thurs thursday do donnerstag jeudi jueves чт четверг",
    "fri friday fr freitag vendredi viernes vie пт пятница пятницу",
    "sat saturday sa samstag sonnabend samedi sábado суб суббота субботу",
    "sun sunday so sonntag dimanche domingo вск воскресенье",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAY = frozenset(name for names in _WEEKDAYS for name in names.split())
_FILLERS = frozenset({"de", "del", "der", "er", "st", "nd", "rd", "th", "г", "года", "le", "am"})

_WRITTEN = re.compile(r"(?:[^\W\d_]++|\d++|[\s.,-]++)++")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def read_day(written: str, near: date) -> date | None:
    """Return the day that a text is, all of it; without year the latest that is not after `near`.

    Numbers alone are read as year-month-day or day.month.year.
    """
    if not any(map(str.isdigit, written)) or not _WRITTEN.fullmatch(written):
        return None
    words = _WORD.findall(written.casefold())
    words = [word for word in words if word not in _WEEKDAY and word not in _FILLERS]
    numbers = [int(word) for word in words if word.isdecimal()]
    months = [_MONTH[word] for word in words if word in _MONTH]
    if len(numbers) + len(months) != len(words):
        return None
    if len(months) == 1:
        return _named(months[0], numbers, near)
    return _numeric(words) if not months else None


def _named(month: int, numbers: list[int], near: date) -> date | None:
    if len(numbers) == 2:
        day, year = numbers
        return _valid(year, month, day) if year >= 1000 else None
    return _latest(month, numbers[0], near) if len(numbers) == 1 else None


def _numeric(words: list[str]) -> date | None:
    if len(words) != 3:
        return None
    first, middle, last = map(int, words)
    if len(words[0]) == 4:
        return _valid(first, middle, last)
    return _valid(last, middle, first) if len(words[2]) == 4 else None


def _latest(month: int, day: int, near: date) -> date | None:
    """Return the latest such day up to one after `near`: it is tomorrow already in the east."""
    bound = near.toordinal() + 1
    candidates = (_valid(year, month, day) for year in range(near.year + 1, near.year - 8, -1))
    return next((found for found in candidates if found and found.toordinal() <= bound), None)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
