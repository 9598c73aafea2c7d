"""URLs as feeds write them: made absolute, made canonical, compared."""

import re
from functools import cache, lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urljoin, urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LONGEST: Final = 8_000
_CONTROL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]+"
)
_SCHEME: Final = re.compile(r"^(?:feed:(?://)?)?(https?):[/\\]*", re.IGNORECASE)
_FEED: Final = re.compile(r"^feed:(?=//)", re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.\-]*[a-z0-9_])?\.?|[0-9a-f.]*:[0-9a-f:.]+")
_SAFE: Final = r"[A-Za-z0-9_.~!$&'()*+,;=:@/-]++|%[0-9A-F]{2}"
_PLAIN: Final = re.compile(
    rf"https?://(?P<host>[a-z0-9]++(?:[.-][a-z0-9]++)*+)(?::(?:[1-5]\d{{4}}|[1-9]\d{{0,3}}))?/(?:{_SAFE})*+"
    rf"(?:\?(?:{_SAFE}|\?)++)?(?:#(?:{_SAFE}|\?)++)?"
)
_PLAIN_HOST: Final = re.compile(r"https?://([a-z0-9]++(?:[.-][a-z0-9]++)*+)(?::\d++)?+(?=[/?#]|\Z)")
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_TRACKING: Final = re.compile(
    r"(?:utm|ns|pk|mtm|piwik|matomo|hsa|oly|vero|_?_hs|guce)_.*|_ga|_gl|_openstat|wt_z?mc.*"
    r"|at_(?:medium|campaign|format|link|custom|ptr|bbc|creation).*|(?:fb|g|dc|y|tt|tw|ob|rd)clid"
    r"|msclkid|gclsrc|[gw]braid|mc_[ce]id|mkt_tok|ml_subscriber(?:_hash)?|igshid|igsh|srsltid"
    r"|cmpid|cmp|campaign_id|ftag|[oni]cid|intcmp|ref_?src|ref_?url|s_?cid|xtor|smid|smtyp"
    r"|guccounter|maca|wprov|taid|spm|__twitter_impression",
    re.IGNORECASE,
)
_ORIGINS: Final = frozenset({"ref", "source", "src", "from", "via", "partner", "traffic_source"})
_FEED_MARKERS: Final = frozenset({"rss", "atom", "feed", "rssfeed", "rss_feed", "rss-feed", "rss2"})


@lru_cache(maxsize=512)
def resolve(base: str | None, url: str) -> str | None:
    """The absolute http(s) URL that a link means on the page `base`, safe to request; else None.

    `feed:` schemes, backslashes and missing slashes are read as browsers read them.
    """
    if len(url) <= _LONGEST and _PLAIN.fullmatch(url):
        return url
    return _resolved(base, url)


def _resolved(base: str | None, url: str) -> str | None:
    from w3lib.url import safe_url_string

    link = _CONTROL.sub("", url).strip()
    link = _SCHEME.sub(lambda match: f"{match[1].lower()}://", link, count=1)
    link = _FEED.sub("http:", link, count=1)
    if not link or len(link) > _LONGEST:
        return None
    try:
        absolute = safe_url_string(urljoin(base or "https:", link.replace("\\", "/")))
        parts = urlsplit(absolute)
        usable = parts.scheme in _DEFAULT_PORTS and parts.port != 0
    except ValueError:
        return None
    return absolute if usable and _HOST.fullmatch(parts.hostname or "") else None


@lru_cache(maxsize=512)
def canonical(url: str) -> str:
    """The one spelling of an absolute URL: no tracking, fragment, default port or dot segments.

    The order of the query and fragments that are routes (`#!…`) stay; what is no URL stays, too.
    """
    absolute = resolve(None, url)
    if absolute is None:
        return url.strip()
    parts = urlsplit(absolute)
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    path = _without_dots(_unescaped(parts.path))
    return parts._replace(
        netloc=_authority(parts), path=path, query=_wanted(parts.query), fragment=fragment
    ).geturl()


def identity(url: str) -> str:
    """The key under which two URLs are one: canonical, without scheme, `www.` and last slash."""
    plain = canonical(url)
    _, mark, rest = plain.partition("://")
    if not mark:
        return plain
    location, question, query = rest.partition("?")
    return location.removeprefix("www.").rstrip("/") + question + query


def identifies(url: str) -> bool:
    """Whether a URL can name an article: a site's root names none, nor does what is no URL."""
    if resolve(None, url) is None:
        return False
    parts = urlsplit(canonical(url))
    return parts.path.strip("/") != "" or bool(parts.query or parts.fragment)


def host(url: str) -> str:
    """The host of an absolute URL, lower case and in its ASCII form; '' where there is none."""
    if len(url) <= _LONGEST and (plain := _PLAIN.fullmatch(url)):
        return plain["host"]
    absolute = resolve(None, url)
    if absolute is None:
        return ""
    plain = _PLAIN_HOST.match(absolute)
    return plain[1] if plain else (urlsplit(absolute).hostname or "").rstrip(".")


@lru_cache(maxsize=1 << 10)
def site_suffixes(host: str) -> tuple[str, ...]:
    """A host and every parent of it that has a dot, nearest first."""
    if _is_address(host):
        return (host,)
    labels = host.split(".")
    parents = (".".join(labels[start:]) for start in range(1, len(labels) - 1))
    return (host, *parents) if host else ()


@lru_cache(maxsize=1 << 12)
def _site(host: str) -> str:
    domain = registered_domain(host)
    return domain if "." in domain and not _is_address(domain) else ""


def registered_domain(host: str) -> str:
    """What was registered of a host: `example.co.uk` of `news.example.co.uk`; else the whole host.

    Below public suffixes such as `co.uk` and `blogspot.com` (publicsuffix.org), every name is
    somebody else's.
    """
    return _suffixes().privatesuffix(host) or host if len(site_suffixes(host)) > 1 else host


def site(url: str) -> str:
    """The registered domain of an absolute URL; '' where its host is an address or a bare name."""
    return _site(host(url))


def are_of_one_site(one: str, other: str) -> bool:
    """Whether two absolute URLs are of one registered domain."""
    sites = {registered_domain(host(url)) for url in (one, other)}
    return len(sites) == 1 and "" not in sites


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _authority(parts: SplitResult) -> str:
    if _NAME.fullmatch(parts.netloc):
        return parts.netloc
    credentials, mark, _ = parts.netloc.rpartition("@")
    name = (parts.hostname or "").rstrip(".")
    name = f"[{ip_address(name)}]" if ":" in name else name
    default = parts.port is None or parts.port == _DEFAULT_PORTS[parts.scheme]
    return f"{credentials}{mark}{name}" + ("" if default else f":{parts.port}")


def _unescaped(path: str) -> str:
    """Percent-escapes in capitals, and none where RFC 3986, section 2.3, needs none."""
    if "%" not in path:
        return path
    return _ESCAPE.sub(_spelled, _STRAY_PERCENT.sub("%25", path))


def _spelled(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _without_dots(path: str) -> str:
    """The path without `.` and `..` segments (RFC 3986, section 5.2.4)."""
    if path.startswith("/") and "/." not in path:
        return path
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _wanted(query: str) -> str:
    return "&".join(item for item in _unescaped(query).split("&") if item and not _tracks(item))


def _tracks(item: str) -> bool:
    name, _, value = item.partition("=")
    if name.lower() in _ORIGINS:
        return value.lower() in _FEED_MARKERS
    return _TRACKING.fullmatch(name) is not None
