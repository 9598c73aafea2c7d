"""Well-known hosts that document where the feeds of their pages are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from aggregator import urls
from aggregator.discovery.pages import Candidate, looks_like_feed

_LABEL = re.compile(r"[A-Za-z0-9-]+")
_MASTODON_USER = re.compile(r"@\w+")
_FEED_ENDINGS = (".atom", ".rss", ".xml")
_REDDIT_LISTINGS = frozenset(("new", "top", "hot", "rising", "controversial", "comments"))
_REDDIT_USER_LISTINGS = frozenset(("submitted", "comments"))


@dataclass(frozen=True, slots=True)
class _Address:
    """A URL taken apart; `host` without `www.`, `segments` without empty ones."""

    url: str
    host: str
    segments: tuple[str, ...]
    query: dict[str, str]


def documented(url: str) -> tuple[Candidate, ...]:
    """Return the feeds that a well-known host documents for one of its pages, else nothing."""
    parts = urlsplit(url)
    address = _Address(
        url,
        (parts.hostname or "").removeprefix("www."),
        tuple(filter(None, parts.path.split("/"))),
        {name: values[0] for name, values in parse_qs(parts.query).items()},
    )
    if address.segments and address.segments[-1].endswith(_FEED_ENDINGS):
        return ()
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
        case ("playlist" | "watch",) if "list" in page.query:
            yield f"{feed}?playlist_id={quote(page.query['list'], safe='')}"


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
    """Yield what Reddit's wiki page about RSS tells: any listing with `.rss` after it."""
    match page.segments:
        case ("r", name, "comments", post, *_):
            listings = [f"r/{name}/", f"r/{name}/comments/{post}/"]
        case ("r", name, listing, *_) if listing in _REDDIT_LISTINGS:
            listings = [f"r/{name}/{listing}/"]
        case ("r", name, *_):
            listings = [f"r/{name}/"]
        case ("user" | "u", name, "m", multireddit, *_):
            listings = [f"user/{name}/m/{multireddit}/"]
        case ("user" | "u", name, listing, *_) if listing in _REDDIT_USER_LISTINGS:
            listings = [f"user/{name}/{listing}/"]
        case ("user" | "u", name, *_):
            listings = [f"user/{name}/"]
        case _:
            listings = []
    span = f"?t={quote(page.query['t'], safe='')}" if "t" in page.query else ""
    for listing in listings:
        yield f"https://www.reddit.com/{listing}.rss{span}"


def _medium(page: _Address) -> Iterator[str]:
    match page.segments:
        case _ if looks_like_feed(page.url):
            return
        case _ if page.host != "medium.com":
            yield f"https://{page.host}/feed"
        case ("tag", tag, *_):
            yield f"https://medium.com/feed/tag/{tag}"
        case (author_or_publication, *_):
            yield f"https://medium.com/feed/{author_or_publication}"


def _tumblr(page: _Address) -> Iterator[str]:
    match page.segments:
        case _ if looks_like_feed(page.url):
            return
        case _ if page.host != "tumblr.com":
            yield f"https://{page.host}/rss"
        case ("blog", "view", name, *_) | ("blog", name, *_) | (name, *_) if _LABEL.fullmatch(name):
            yield f"https://{name}.tumblr.com/rss"


def _blogs_at(path: str) -> "_Rule":
    """Return the rule of a host whose blogs are its subdomains, each with its feed at `path`."""

    def rule(page: _Address) -> Iterator[str]:
        if page.host not in _HOSTS and not looks_like_feed(page.url):
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
