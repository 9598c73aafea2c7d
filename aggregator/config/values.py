"""The single values of feeds.yaml: durations, sizes, times, zones, addresses, queries.

Every reader takes the text and returns the value, or raises ValueError in words a user understands.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from datetime import time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path, PurePath
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from aggregator import query, urls
from aggregator.errors import QueryError

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,3})?(?:ms|[smhdw])\s*)+", re.ASCII)
_DURATION_PART = re.compile(r"([\d.]+)(ms|[smhdw])")
_BYTES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_BYTES |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMG]?I?B|)", re.ASCII | re.IGNORECASE)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.ASCII)
_HOST = re.compile(r"(?=.{1,253}$)(?!-)[\w-]{1,63}(?:\.[\w-]{1,63})*\.?")
_HOST_AND_PORT = re.compile(
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<host>[^:\[\]]+|[0-9a-f:.]+))(?::(?P<port>\d{1,5}))?", re.ASCII
)
_MAILBOX = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@(?=.{1,253}$)[\w-]+(\.[\w-]+)*", re.ASCII)
_UNSUBSCRIBE = re.compile(r"mailto:[!-;=?-~]+@[!-;=?-~]+|https://[!-.0-;=?-~][!-;=?-~]*")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", re.ASCII)
_USUAL_URL = re.compile(
    r"https?://(?:www\.)?(?P<identity>(?!www\.)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}"
    r"(?:/[\w~-][\w.~-]*)*)/?",
    re.ASCII,
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_MAX_URL = 4_096
_MAX_PORT = 65_535


def suggestion(word: str, candidates: list[str]) -> str:
    """Return ` (did you mean …?)` for the candidate nearest to the word, else an empty text."""
    folded = {candidate.casefold(): candidate for candidate in candidates}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f" (did you mean {folded[near[0]]}?)" if near else ""


def label(value: object) -> str:
    """Read a name: a text that is not blank, white space trimmed."""
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    text = " ".join(value.split())
    if not text:
        raise ValueError("is empty")
    if _UNPRINTABLE.search(text):
        raise ValueError("holds a control character")
    return text


def duration(value: object) -> timedelta:
    """Read `90s`, `15m`, `6h`, `30d`, `2w`, or several together: `1h30m`."""
    text = label(value)
    if text.startswith("-"):
        raise ValueError(f"{text} is negative")
    if not _DURATION.fullmatch(text):
        raise ValueError(f"'{text}' is no duration; write it like 90s, 15m, 6h or 30d")
    seconds = sum(float(n) * _SECONDS[unit] for n, unit in _DURATION_PART.findall(text))
    if seconds > timedelta.max.total_seconds():
        raise ValueError(f"{text} is too long")
    return timedelta(seconds=seconds)


def show(length: timedelta) -> str:
    """Return a duration the way feeds.yaml writes it."""
    left, fraction = divmod(length, timedelta(seconds=1))
    parts = []
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, int(_SECONDS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    if fraction:
        parts.append(f"{fraction // timedelta(milliseconds=1)}ms")
    return "".join(parts) or "0s"


def between(low: timedelta, high: timedelta) -> Callable[[timedelta], timedelta]:
    """Return a check that a duration lies within bounds, both included."""

    def check(value: timedelta) -> timedelta:
        if not low <= value <= high:
            raise ValueError(f"must be between {show(low)} and {show(high)}")
        return value

    return check


def size(value: object) -> int:
    """Read `500KB` or `10MB` as bytes; KB is 1,000 and KiB 1,024."""
    text = label(value)
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no size; write it like 500KB or 10MB")
    return int(float(match[1]) * _BYTES[match[2].upper()])


def time_of_day(value: object) -> time:
    """Read `06:30`, on a 24 hour clock."""
    text = label(value)
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is no time of day; write it like \"06:30\"")
    return time(int(match[1]), int(match[2]))


def weekday(value: object) -> int:
    """Read the English name of a day of the week, or its first letters; Monday is 0."""
    text = label(value).casefold()
    found = [at for at, day in enumerate(_WEEKDAYS) if len(text) > 1 and day.startswith(text)]
    if len(found) != 1:
        raise ValueError(f"'{label(value)}' is no day of the week; write it like `sunday`")
    return found[0]


def zone(value: object) -> ZoneInfo:
    """Read the IANA name of a time zone, such as `Europe/Berlin`."""
    name = label(value)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is no time zone{_nearest_zone(name)}") from error


def _nearest_zone(name: str) -> str:
    wanted = name.replace(" ", "_").casefold()
    zones = sorted(available_timezones())
    for candidate in zones:
        if wanted in (candidate.casefold(), candidate.casefold().rpartition("/")[2]):
            return f" (did you mean {candidate}?)"
    return suggestion(wanted, zones)


def language(value: object) -> str:
    """Read a language code of BCP 47, such as `en` or `pt-BR`; returned in lower case."""
    code = label(value).lower().replace("_", "-")
    if not _LANGUAGE.fullmatch(code):
        raise ValueError(f"'{code}' is no language code; write it like en or pt-br")
    return code


def feed_url(value: object) -> str:
    """Read the address of a feed: absolute, http or https, with a host."""
    url = label(value)
    if len(url) > _MAX_URL:
        raise ValueError(f"an address longer than {_MAX_URL:,} characters")
    if _USUAL_URL.fullmatch(url):
        return url
    scheme, separator, rest = url.partition("://")
    if not separator and ":" not in url.partition("/")[0] and "." in url.partition("/")[0]:
        raise ValueError(f"'{url}' has no scheme (did you mean https://{url}?)")
    if scheme.lower() == "feed":
        raise ValueError(f"only http and https feeds can be polled (did you mean https://{rest}?)")
    if scheme.lower() not in ("http", "https"):
        raise ValueError(f"'{url}' is no feed address: only http and https feeds can be polled")
    if " " in url or urls.resolve(None, url) is None:
        raise ValueError(f"'{url}' is no valid address")
    return url


def site_url(value: object) -> str:
    """Read where a site is reached, such as `https://papers.example.org/`; ends with a slash."""
    url = label(value)
    resolved = urls.resolve(None, url) if url.lower().startswith(("http://", "https://")) else None
    parts = urlsplit(resolved or "")
    if resolved is None or " " in url or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(
            f"'{url}' is no address of a site; write it like https://papers.example.org/"
        )
    return resolved if resolved.endswith("/") else f"{resolved}/"


def identity(url: str) -> str:
    """Return `urls.identity` of a feed; what is plain already takes a tenth of the time."""
    usual = _USUAL_URL.fullmatch(url)
    return usual["identity"] if usual else urls.identity(url)


def proxy_url(value: object) -> str:
    """Read the address of an HTTP proxy, such as `http://proxy.example.org:3128`."""
    url = label(value)
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or " " in url:
        raise ValueError(f"'{url}' is no proxy; write it like http://proxy.example.org:3128")
    return url


def domain(value: object) -> str:
    """Read the name of a domain, such as `example.org`."""
    text = label(value).lower().removeprefix("*.").strip(".")
    if not _HOST.fullmatch(text) or "." not in text:
        raise ValueError(f"'{text}' is no domain; write it like example.org")
    return text


def network(value: object) -> str:
    """Read an address that may be private: a host, `host:port`, `[IPv6]:port` or a CIDR network."""
    text = label(value).lower()
    if "/" in text:
        return _cidr(text)
    match = _HOST_AND_PORT.fullmatch(text)
    host = (match["v6"] or match["host"]) if match else ""
    if not _is_address(host) and (not _HOST.fullmatch(host) or host.replace(".", "").isdecimal()):
        raise ValueError(f"'{text}' is no host, host:port or network like 10.0.0.0/8")
    if match and match["port"] and not 0 < int(match["port"]) <= _MAX_PORT:
        raise ValueError(f"'{text}': the port must be between 1 and {_MAX_PORT:,}")
    return text


def _cidr(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        try:
            nearest = ipaddress.ip_network(text, strict=False)
        except ValueError:
            raise ValueError(f"'{text}' is no network; write it like 10.0.0.0/8") from error
        raise ValueError(f"'{text}' is no network (did you mean {nearest}?)") from error


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def headers(value: object) -> tuple[tuple[str, str], ...]:
    """Read HTTP headers from a mapping; the ones that only the client may set are refused."""
    if not isinstance(value, dict):
        raise ValueError("a mapping is expected, such as {Accept-Language: de}")
    return tuple((_header_name(name), _header_value(name, text)) for name, text in value.items())


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name of an HTTP header")
    if name.lower() in _OURS:
        raise ValueError(f"the header {name} is set by the client itself")
    return name


def _header_value(name: str, value: object) -> str:
    if not isinstance(value, str) or _UNPRINTABLE.search(value):
        raise ValueError(f"the header {name} must be one line of text")
    return value


def user_agent(value: object) -> str:
    """Read the User-Agent header: printable ASCII."""
    text = label(value)
    if not (text.isascii() and text.isprintable()):
        raise ValueError("only printable ASCII characters can stand in a User-Agent")
    return text


def mailbox(value: object) -> str:
    """Read an e-mail address, with or without a name: `Papers <papers@example.org>`.

    Letters of any script may stand before the @ (RFC 6531); they are composed (NFC).
    """
    from email.headerregistry import Address
    from email.utils import parseaddr

    text = unicodedata.normalize("NFC", label(value))
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    domain = _in_ascii(domain)
    in_ascii = "".join(c if c.isascii() or not c.isprintable() else "xx" for c in local)
    if address not in text or not _MAILBOX.fullmatch(f"{in_ascii}@{domain}"):
        raise ValueError(f"'{text}' is no e-mail address; write it like desk@example.org")
    return str(Address(name, local, domain))


def _in_ascii(domain: str) -> str:
    """Return a domain as name servers know it (IDNA 2008), or as it was if it cannot be one."""
    import idna

    try:
        return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


def mail_host(value: object) -> str:
    """Read the name or the address of a mail server."""
    host = label(value)
    if not (_is_address(host) or _HOST.fullmatch(host)):
        raise ValueError(f"'{host}' is no host; its port is a setting of its own")
    return host


def secret(value: object) -> str:
    """Read a password: any text on one line."""
    if not isinstance(value, str) or not value or _UNPRINTABLE.search(value):
        raise ValueError("one line of text is expected")
    return value


def unsubscribe(value: object) -> str:
    """Read where readers unsubscribe: a `mailto:` or `https:` address."""
    url = label(value)
    if not _UNSUBSCRIBE.fullmatch(url):
        raise ValueError(f"'{url}' is neither a mailto: nor an https: address")
    return url


def store(value: object) -> str:
    """Read `sqlite` or the URL of a PostgreSQL database."""
    text = label(value)
    if text != "sqlite" and not re.match(r"postgresql(\+\w+)?://[^/]", text):
        raise ValueError(f"'{text}' is neither sqlite nor a postgresql:// URL")
    return text


def directory(value: object, base: Path) -> Path:
    """Read a directory, relative to `base` or absolute; `..` is refused, `~` is the user's home."""
    text = label(value)
    if ".." in PurePath(text).parts:
        raise ValueError(f"'{text}' leads out of the directory of feeds.yaml by `..`")
    try:
        path = base / Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"'{text}': that user has no home directory") from error
    if path == base:
        raise ValueError("must be a directory of its own")
    return path


@lru_cache(maxsize=1_024)
def parsed(text: str) -> query.Query:
    """Return the tree of a query; raises ValueError with the column."""
    try:
        return query.parse(text)
    except QueryError as error:
        column = f"column {error.column}"
        message = str(error)
        known = column in message.lower()
        raise ValueError(message if known else f"{message} ({column})") from error


def query_text(value: object) -> str:
    """Read a query; it is kept as the user wrote it."""
    label(value)
    text = str(value).strip()
    parsed(text)
    return text


def filter_text(value: object) -> str:
    """Read an `include` or `exclude`: a query on what an article brings along."""
    text = query_text(value)
    for leaf in query.leaves(parsed(text)):
        if isinstance(leaf, query.Is) or str(leaf).startswith(("story:", "has:story")):
            raise ValueError(f"{leaf} is not known when an article arrives")
    return text
