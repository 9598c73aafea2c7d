"""What feedparser calls elements and attributes, by the names that expat gives them."""

from functools import lru_cache

from feedparser import FeedParserDict
from feedparser.api import StrictFeedParser

_STANDARD = {uri.lower(): prefix for uri, prefix in StrictFeedParser.namespaces.items()}
_STANDARD_PREFIXES = frozenset(filter(None, _STANDARD.values()))
_USERLAND = "backend.userland.com/rss"
_XLINK = "http://www.w3.org/1999/xlink"
# `repair.mend` sets these apart, by the very letters in which they are written.
_CAPTIONED = frozenset({"media", "itunes"})
_CAPTIONS = frozenset({"description", "summary"})


class Names(dict[str, str]):
    """The names that feedparser has for elements, `dc_creator`, by expat's, `uri creator dc`."""

    def __init__(self) -> None:
        super().__init__()
        self._uris: dict[str, str] = {}
        self._prefixes: dict[str, str] = {}

    def __missing__(self, qualified: str) -> str:
        uri, local, prefix = _parts(qualified)
        if prefix in _CAPTIONED and local in _CAPTIONS:
            name = f"{prefix}_caption"
        else:
            standard = _standard_prefix(uri)
            prefix = prefix if standard is None else standard
            name = f"{prefix}_{local}".lower() if prefix else local.lower()
        self[qualified] = name
        return name

    def declare(self, prefix: str, uri: str) -> bool:
        """Note a namespace; return whether names in it mean to feedparser what they do here.

        feedparser remembers prefixes to the end of the document, and has well-known ones.
        """
        prefix, standard = prefix.lower(), _standard_prefix(uri)
        if standard is None:
            clear = self._prefixes.setdefault(uri, prefix) == prefix and len(uri.split()) == 1
        else:
            clear = standard == prefix or prefix not in _STANDARD_PREFIXES
        return clear and (not prefix or self._uris.setdefault(prefix, uri) == uri)


@lru_cache(maxsize=512)
def attribute(qualified: str) -> str:
    """Return the name that feedparser has for an attribute: `xml:lang`, `href`."""
    if " " not in qualified:
        return qualified.lower()
    uri, local, _ = _parts(qualified)
    standard = _standard_prefix(uri)
    return f"{standard}:{local}".lower() if standard else local.lower()


def changes_document(uri: str) -> bool:
    """Return whether feedparser takes more than names from the declaration of a namespace."""
    return uri == _XLINK or _standard_prefix(uri) == ""


def has_meaning(name: str) -> bool:
    """Return whether feedparser does more with an element than to keep it under its name."""
    handlers = (f"_start_{name}", f"_end_{name}")
    return name in FeedParserDict.keymap or any(
        hasattr(StrictFeedParser, each) for each in handlers
    )


def _parts(qualified: str) -> tuple[str, str, str]:
    """Split `uri local prefix`, `uri local` or `local` into URI, local name and prefix."""
    uri, space, names = qualified.partition(" ")
    if not space:
        return "", qualified, ""
    local, _, prefix = names.partition(" ")
    return uri, local, prefix


def _standard_prefix(uri: str) -> str | None:
    lowered = uri.lower()
    return "" if _USERLAND in lowered else _STANDARD.get(lowered)
