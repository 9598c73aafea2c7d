"""What the usual elements of a feed's head say, in the fields that feedparser makes of them."""

from aggregator.parse.elements import (
    PERSON,
    Attributes,
    Element,
    Odd,
    detail,
    link,
    nothing,
    permalink,
)
from aggregator.parse.entries import Fields

ATOM = "http://www.w3.org/2005/Atom"
RSS_BY_NAMESPACE = frozenset({"http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"})
"""Namespaces by which feedparser takes a document for RSS, whatever its root element is."""


def _title(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    if "title" in fields:
        raise Odd
    fields["title"] = detail(text, attributes, language, "text")["value"]


def _language(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    fields["language"] = text


def _link(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    if "&amp;" in text:
        raise Odd
    link(fields, text, attributes, language)


def _passed(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    """Pass over a text, if it is one."""
    detail(text, attributes, language, "text")


_PASSED = Element(_passed)
_NOTHING = Element(nothing)
_PICTURE = Element(
    nothing,
    holds={
        "description": _PASSED, "height": _NOTHING, "link": _NOTHING, "name": _NOTHING,
        "title": _PASSED, "url": _NOTHING, "width": _NOTHING,
    },
)  # fmt: skip
_BOTH = {
    "category": _NOTHING,
    "dc_date": _NOTHING,
    "dc_language": Element(_language),
    "dc_rights": _NOTHING,
    "generator": _NOTHING,
    "itunes_block": _NOTHING,
    "itunes_caption": _NOTHING,
    "itunes_explicit": _NOTHING,
    "itunes_image": _NOTHING,
    "itunes_keywords": _NOTHING,
    "itunes_subtitle": _PASSED,
    "language": Element(_language),
    "link": Element(_link),
    "rights": _PASSED,
    "subtitle": _PASSED,
    "title": Element(_title),
    "updated": _NOTHING,
}
OF_RSS = {
    **_BOTH,
    "cloud": _NOTHING,
    "copyright": _PASSED,
    "dc_creator": _NOTHING,
    "description": _PASSED,
    "image": _PICTURE,
    "itunes_author": _NOTHING,
    "lastbuilddate": _NOTHING,
    "managingeditor": _NOTHING,
    "pubdate": _NOTHING,
    "textinput": _PICTURE,
    "webmaster": _NOTHING,
}
"""The elements that may stand in the channel of RSS, by the names that feedparser has for them."""
OF_ATOM = {
    **_BOTH,
    "author": PERSON,
    "icon": _NOTHING,
    "id": Element(permalink),
    "logo": _NOTHING,
    "published": _NOTHING,
}
"""The elements that may stand in an Atom feed before and after its entries."""
