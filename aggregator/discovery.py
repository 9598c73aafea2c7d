"""Where the feeds of a site are: by its host's documentation, by its page, by usual paths. Pure.

A candidate is only a good guess: whether a feed is there shows when it is fetched.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

from aggregator import parse, urls
from aggregator.errors import ParseError
from aggregator.parse import charset, shape
from aggregator.text import shorten

MOST_CANDIDATES = 10
"""How many links of a page are taken for feeds: some sites announce hundreds."""

_FEED_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "application/json": "json",
    "application/xml": None,
    "text/xml": None,
}
_USUAL_PATHS = ("feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json", "rss")
_BELOW_PAGE = ("feed", "rss.xml", "index.xml")
_FEED_LIKE = re.compile(
    r"(?:^|[/._-])(?:feeds?|rss2?|atom|rdf)(?:\.(?:xml|rdf|json|php|aspx?))?/?$"
    r"|\.(?:rss|atom|rdf)$|/(?:feeds?|rss)/|/index\.xml$|/feed\.json$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type|output)=(?:rss2?|atom|rdf|feed)\b", re.IGNORECASE
)
_NO_FEED = re.compile(r"/wp-json/|\.(?:html?|png|jpe?g|gif|svg|css|js|pdf)$", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype\s+html|html[\s>]|link\s|a\s)", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE
)
_LABEL = re.compile(r"[A-Za-z0-9-]+")
_MASTODON_USER = re.compile(r"@\w+")
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address where a feed should be, with the title and kind that its page announces."""

    url: str
    title: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """A feed that is there: `kind` is rss, atom, rdf or json, `newest` its latest entry's date."""

    title: str | None
    kind: str
    entries: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """A web page: the feeds that it announces, and those that it only links to."""

    announced: tuple[Candidate, ...]
    linked: tuple[Candidate, ...]


def look(
    body: bytes, *, content_type: str | None, url: str, max_entries: int
) -> Description | Page:
    """Return what came from `url`: the description of a feed, or a page with its candidates.

    Raises ParseError, with the reason in words, for what is neither.
    """
    try:
        return describe(body, content_type=content_type, url=url, max_entries=max_entries)
    except ParseError:
        text = charset.decode(body, _with_declared_charset(body, content_type))
        if not _PAGE.search(text):
            raise
    return read_page(text, url)


def describe(body: bytes, *, content_type: str | None, url: str, max_entries: int) -> Description:
    """Return the description of a feed document; raises ParseError."""
    document = parse.parse(body, content_type=content_type, url=url, max_entries=max_entries)
    dates = [moment for e in document.entries if (moment := e.published or e.updated)]
    title = shorten(document.title or "", _LONGEST_TITLE)
    kind = _kind(charset.decode(body, content_type).lstrip("\ufeff\0 \t\r\n"))
    return Description(title or None, kind, document.total, max(dates, default=None))


def _kind(text: str) -> str:
    if text.startswith(("{", "[")):
        return "json"
    name = re.split(r"[\s/>]", shape.root(text)[1:20].lower(), maxsplit=1)[0].rpartition(":")[2]
    return {"feed": "atom", "rdf": "rdf"}.get(name, "rss")


def _with_declared_charset(body: bytes, content_type: str | None) -> str | None:
    """Return the type of a page with the charset of its `<meta>` where HTTP names none."""
    declared = _META_CHARSET.search(body[:4096])
    if not declared or "charset" in (content_type or "").lower():
        return content_type
    return f"{content_type or 'text/html'}; charset={declared[1].decode('ascii')}"


# --- pages --------------------------------------------------------------------------------------


def read_page(html: str, url: str) -> Page:
    """Return the candidates of a page, each once, in its order; never raises."""
    reader = _Reader(url)
    # `<![if IE]>` and the like are comments to browsers; html.parser may raise on them
    reader.feed(html.replace("<![", "<! ["))
    reader.close()
    announced = _once(reader.announced, ())
    return Page(announced, _once(reader.linked, announced))


def _once(found: Iterable[Candidate], known: Iterable[Candidate]) -> tuple[Candidate, ...]:
    seen = {urls.identity(candidate.url) for candidate in known}
    first: dict[str, Candidate] = {}
    for candidate in found:
        key = urls.identity(candidate.url)
        if key not in seen:
            first.setdefault(key, candidate)
        if len(first) == MOST_CANDIDATES:
            break
    return tuple(first.values())


class _Reader(HTMLParser):
    """Takes down the links of a page that announce a feed or look like one."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._base = url
        self._based = False
        self.announced: list[Candidate] = []
        self.linked: list[Candidate] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link; `<base>` counts once (HTML, section 4.2.3)."""
        if tag not in ("a", "link", "base", "area"):
            return
        values = {name: value or "" for name, value in reversed(attrs)}
        url = urls.resolve(self._base, values.get("href", "")) if "href" in values else None
        if url is None:
            return
        if tag == "base":
            self._base, self._based = (self._base if self._based else url), True
            return
        self._note(tag, url.partition("#")[0], values)

    def _note(self, tag: str, url: str, values: dict[str, str]) -> None:
        relations = set(values.get("rel", "").lower().split())
        mime = values.get("type", "").partition(";")[0].strip().lower()
        title = shorten(values.get("title", ""), _LONGEST_TITLE) or None
        if _NO_FEED.search(urlsplit(url).path):
            return
        stands_for_page = bool(relations & {"alternate", "feed"})
        if stands_for_page and mime in _FEED_TYPES:
            self.announced.append(Candidate(url, title, _FEED_TYPES[mime]))
        elif (stands_for_page or tag != "link") and (_FEED_TYPES.get(mime) or looks_like_feed(url)):
            self.linked.append(Candidate(url, title, _FEED_TYPES.get(mime)))


def looks_like_feed(url: str) -> bool:
    """Tell whether a URL is spelled the way addresses of feeds are."""
    parts = urlsplit(url)
    return bool(
        _FEED_LIKE.search(parts.path)
        or _FEED_QUERY.search(parts.query)
        or (parts.hostname or "").startswith(("feeds.", "feeds2.", "rss."))
    )


def usual_paths(url: str) -> tuple[Candidate, ...]:
    """Return where a site keeps its feed if it says nothing: near the page, then at the root."""
    parts = urlsplit(url)
    directory = parts.path.rpartition("/")[0]
    near = [f"{base}/{name}" for base in _bases(parts.path, directory) for name in _BELOW_PAGE]
    paths = dict.fromkeys([*near, *(f"/{name}" for name in _USUAL_PATHS)])
    origin = f"{parts.scheme}://{parts.netloc}"
    return tuple(Candidate(origin + path) for path in paths)


def _bases(path: str, directory: str) -> list[str]:
    """Return the page as a directory, or the one that a page with a file name stands in."""
    if "." in path.rpartition("/")[2]:
        return [directory] if directory else []
    return [path.rstrip("/")] if path.strip("/") else []


# --- hosts that document where their feeds are --------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Address:
    """A URL taken apart; `host` without `www.`, `segments` without empty ones."""

    url: str
    host: str
    segments: tuple[str, ...]
    query: dict[str, str]


def documented(url: str) -> tuple[Candidate, ...]:
    """Return the feeds that a well-known host documents for one of its pages, else nothing."""
    if looks_like_feed(url):
        return ()
    parts = urlsplit(url)
    address = _Address(
        url,
        (parts.hostname or "").removeprefix("www."),
        tuple(filter(None, parts.path.split("/"))),
        {name: values[0] for name, values in parse_qs(parts.query).items()},
    )
    sites = (suffix for suffix in urls.site_suffixes(address.host) if suffix in _HOSTS)
    rule = _HOSTS.get(next(sites, ""), _others)
    return tuple(map(Candidate, rule(address)))


def _youtube(page: _Address) -> Iterator[str]:
    feed = "https://www.youtube.com/feeds/videos.xml"
    match page.segments:
        case ("channel", channel, *_):
            yield f"{feed}?channel_id={channel}"
        case ("user", user, *_):
            yield f"{feed}?user={user}"
        case ("playlist",) if "list" in page.query:
            yield f"{feed}?playlist_id={page.query['list']}"


def _github(page: _Address) -> Iterator[str]:
    if page.host != "github.com":
        return
    match page.segments:
        case (owner, repository, "releases" | "tags" | "commits" as kind, *rest):
            branch = "/".join(["", *rest]) if kind == "commits" else ""
            yield f"https://github.com/{owner}/{repository}/{kind}{branch}.atom"
        case (owner, repository):
            for kind in ("releases", "tags", "commits"):
                yield f"https://github.com/{owner}/{repository.removesuffix('.git')}/{kind}.atom"
        case (user,):
            yield f"https://github.com/{user}.atom"


def _reddit(page: _Address) -> Iterator[str]:
    match page.segments:
        case ("r" | "user" | "u" as kind, name, *rest):
            listing = "r" if kind == "r" else "user"
            sorting = f"{rest[0]}/" if rest and rest[0] in ("new", "top", "hot", "rising") else ""
            yield f"https://www.reddit.com/{listing}/{name}/{sorting}.rss"


def _medium(page: _Address) -> Iterator[str]:
    match page.segments:
        case _ if page.host != "medium.com":
            yield f"https://{page.host}/feed"
        case ("tag", tag, *_):
            yield f"https://medium.com/feed/tag/{tag}"
        case (author_or_publication, *_):
            yield f"https://medium.com/feed/{author_or_publication}"


def _tumblr(page: _Address) -> Iterator[str]:
    match page.segments:
        case _ if page.host != "tumblr.com":
            yield f"https://{page.host}/rss"
        case ("blog", "view", name, *_) | ("blog", name, *_) | (name, *_) if _LABEL.fullmatch(name):
            yield f"https://{name}.tumblr.com/rss"


def _blogs_at(path: str) -> "_Rule":
    """Return the rule of a host whose blogs are its subdomains, each with its feed at `path`."""

    def rule(page: _Address) -> Iterator[str]:
        if page.host not in _HOSTS:
            yield f"https://{page.host}{path}"

    return rule


def _others(page: _Address) -> Iterator[str]:
    """Yield the feed of a Mastodon user: every instance has `/@user.rss` for `/@user`."""
    match page.segments:
        case (user,) if _MASTODON_USER.fullmatch(user):
            yield page.url.partition("#")[0].partition("?")[0].rstrip("/") + ".rss"


_Rule = Callable[[_Address], Iterator[str]]
_HOSTS: dict[str, _Rule] = {
    "youtube.com": _youtube,
    "github.com": _github,
    "reddit.com": _reddit,
    "medium.com": _medium,
    "tumblr.com": _tumblr,
    "substack.com": _blogs_at("/feed"),
    "wordpress.com": _blogs_at("/feed/"),
    "blogspot.com": _blogs_at("/feeds/posts/default"),
}
