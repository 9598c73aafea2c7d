"""How pages write dates, times, languages and web addresses; English, whatever the locale."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from aggregator.model import Feed
from aggregator.text import opening as text_opening

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
LANGUAGES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "yi": "Yiddish",
    "zh": "Chinese",
}
"""What facets call languages; others stand by their codes."""
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})

LEEWAY = 20
"""So many more characters a text may have than was asked for, rather than be cut."""
LONG_NAME = 24
"""Characters of a feed's name from which its motto is left out where space is short."""

SECTIONS = frozenset(
    (
        *("all news", "all", "articles", "breaking news", "feed", "front page", "headlines"),
        *("home", "international", "latest news", "latest", "news", "rss feed", "rss"),
        *("top news", "top stories", "world news", "world"),
        *("ausland", "nachrichten", "schlagzeilen", "startseite", "welt"),
        *("actualités", "monde", "à la une", "internacional", "mundo", "noticias", "portada"),
        *("esteri", "mondo", "notizie", "nieuws", "wereld", "notícias", "aktualności", "świat"),
        *("в мире", "главное", "мир", "новости"),
    )
)
"""What feeds call their parts, folded: beside such a word the rest of a name is the paper's."""

_FEED = re.compile(r"(?<=\w\w)\s+(?:RSS(?:[ -]feed)?|feed)$", re.IGNORECASE)
_MOTTO = re.compile(r"\s+[-–—|»>]\s+|:\s+")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_APART = Markup(' rel="noopener noreferrer nofollow"')
_CREDENTIALS = re.compile(r"^(https?://)[^/?#]*@", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_TOP_HEADING = re.compile(r"<(/?)h1\b", re.IGNORECASE)
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """One moment in one city; `day` is named where it isn't the day of the first clock."""

    city: str
    time: str
    day: str


def feed_notes(feed: Feed) -> tuple[str, ...]:
    """Returns what else its reader should know of a feed, beside why it failed."""
    notes = list(feed.notes)
    if feed.move:
        days = len(feed.move.days)
        notes.insert(0, f"moves to {without_password(feed.move.url)} (day {days} of 3)")
    elif feed.fetch_url != feed.url:
        notes.insert(0, f"moved to {without_password(feed.fetch_url)}")
    return tuple(notes)


def city(zone: ZoneInfo) -> str:
    """Returns the place a time zone is named after: `America/New_York` is New York."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def clocks(moment: datetime, zones: Sequence[ZoneInfo]) -> list[Clock]:
    """Returns a moment in every zone, each city once; the first of the zones sets the day."""
    home = moment.astimezone(zones[0]).date()
    local = {city(zone): moment.astimezone(zone) for zone in zones}
    return [
        Clock(name, f"{there:%H:%M}", DAYS[there.weekday()][:3] if there.date() != home else "")
        for name, there in local.items()
    ]


def long_date(day: date) -> str:
    """Returns `Tuesday, 17 February 2026`."""
    return f"{DAYS[day.weekday()]}, {day.day} {month(day)}"


def short_date(day: date) -> str:
    """Returns `17 Feb 2026`."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def month(day: date) -> str:
    """Returns `February 2026`."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def moment(when: datetime, zone: ZoneInfo, day: date | None = None) -> str:
    """Returns the local time, with its date unless that is `day`: `18:40`, `16 Feb, 23:10`."""
    local = when.astimezone(zone)
    if local.date() == day:
        return f"{local:%H:%M}"
    shown = short_date(local.date())
    if day and local.year == day.year:
        shown = shown.rsplit(" ", 1)[0]
    return f"{shown}, {local:%H:%M}"


def span(length: timedelta) -> str:
    """Returns a length of time in its largest unit: `40 seconds`, `1 hour`, `12 days`."""
    seconds = int(abs(length).total_seconds())
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    unit, size = next((each for each in units if seconds >= each[1]), units[-1])
    return count(seconds // size, unit)


def ago(when: datetime | None, now: datetime) -> str:
    """Returns `12 minutes ago`, `in 1 hour`, `now` or `never`."""
    if when is None:
        return "never"
    if abs(when - now) < timedelta(seconds=1):
        return "now"
    return f"in {span(when - now)}" if when > now else f"{span(now - when)} ago"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Returns `1 story`, `1,200 stories`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def listed(names: Sequence[str]) -> str:
    """Returns `Chips`, `Chips and Opera`, `Chips, Opera and Chess`."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def short_name(name: str) -> str:
    """Returns a feed's name without its motto: `Daily – News from all over` is `Daily`.

    So it is without the name of a section: `World - Daily`, `Daily > Top Stories` and `Daily RSS`
    are `Daily`.
    """
    bare = _FEED.sub("", name)
    name = name if bare.casefold() in SECTIONS else bare
    parts = _MOTTO.split(name)
    papers = [part for part in parts if part.strip().casefold() not in SECTIONS]
    if len(parts) > 1 and len(papers) == 1 and papers[0].strip():
        return papers[0].strip()
    if len(name) <= LONG_NAME:
        return name
    head = _MOTTO.split(name, maxsplit=1)[0].strip()
    return head if len(head) > 1 else name


def direction(language: str | None) -> str:
    """Returns the value of `dir` for a language; `auto` for an unknown one."""
    if not language:
        return "auto"
    return "rtl" if language.split("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def language_tag(language: str | None) -> str | None:
    """Returns the language if it is written as BCP 47 wants it, else None."""
    return language if language and _LANGUAGE_TAG.fullmatch(language) else None


def spoken(language: str | None) -> Markup:
    """Returns the attributes `lang` and `dir` of an element in a language, with a leading space."""
    language = language_tag(language)
    lang = f' lang="{language}"' if language else ""
    return Markup(f'{lang} dir="{direction(language)}"')  # noqa: S704 - matched above


def leaning(language: str | None) -> Markup:
    """Returns the attribute `dir` of a line that reads from the right, with a leading space."""
    return Markup(' dir="rtl"') if direction(language) == "rtl" else Markup("")


def web_address(url: str | None) -> str | None:
    """Returns the URL if it is one of http or https, else None: no other may be linked."""
    return url if url and _WEB.match(url) else None


def target(url: str) -> Markup:
    """Returns the attributes of a link: a page of others is not vouched for and hears nothing."""
    link = Markup(f'href="{escape(url)}"')  # noqa: S704 - escaped; format() takes thrice the time
    return link + _APART if _WEB.match(url) else link


def without_password(url: str) -> str:
    """Returns the URL without the name and the password that may stand in it."""
    return _CREDENTIALS.sub(r"\1", url)


def printable(text: str) -> str:
    """Returns the text without characters that neither HTML nor XML may contain."""
    return _UNPRINTABLE.sub("", text)


def opening(text: str, limit: int, language: str | None) -> str:
    """Returns the first whole sentences of a text that is longer than about so many characters."""
    most = limit + LEEWAY
    return text if len(text) <= most else text_opening(text, language, limit=most)


def plainly(text: str) -> str:
    """Returns the text without what would turn the rest of its line, or worse, out of pages.

    Those are controls of terminals and of writing direction (UAX #9, overrides and isolates).
    """
    return _TURNING.sub("", printable(text))


def paragraphs(text: str) -> Markup:
    """Returns plain text as HTML, a paragraph a line."""
    lines = (line.strip() for line in text.splitlines())
    return Markup("").join(Markup("<p>{}</p>").format(escape(line)) for line in lines if line)


def below_heading(clean_html: str) -> Markup:
    """Returns clean HTML to stand below a page's `h1`: its own `h1` become `h2`."""
    return Markup(_TOP_HEADING.sub(r"<\1h2", clean_html))  # noqa: S704 - cleaned by contract
