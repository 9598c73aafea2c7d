"""What the usual elements of an entry say, in the fields that feedparser makes of them."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aggregator.parse import dates
from aggregator.parse.entries import Fields
from aggregator.parse.repair import LONGEST_PERSON

Attributes = dict[str, str]
Take = Callable[[Fields, str, Attributes, str | None], None]
"""Puts an element's text, attributes and language into the fields of its entry; raises Odd."""

_TEXT_TYPES = {
    "text": "text/plain", "plain": "text/plain", "text/plain": "text/plain",
    "html": "text/html", "text/html": "text/html",
}  # fmt: skip
_PAGE_TYPES = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml"})
_UNNAMED_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
_ADDRESSED = re.compile(
    r"(?P<email>[\w.+-]+@(?:[a-zA-Z\d-]+\.)+[a-zA-Z]{2,4})"
    r"(?: \((?P<name>[^\s()<>@&][^()<>@&]*)\))?",
    re.ASCII,
)
_CONTROL = re.compile("[\x80-\x9f]")
_WINDOWS_1252 = {
    code: character
    for code in range(0x80, 0xA0)
    if (character := bytes([code]).decode("windows-1252", "ignore"))
}


class Odd(Exception):  # noqa: N818 - a finding, not an error
    """An entry holds something that only feedparser knows how to read."""


@dataclass(frozen=True, slots=True)
class Element:
    """A kind of element: what it says, and what may stand in it; `longest` in bytes, tags included.

    `holds` is None where only text may stand.
    """

    take: Take
    holds: "Mapping[str, Element] | None" = None
    longest: int | None = None


def tidy(text: str) -> str:
    """Return an element's text without what feedparser takes for errors of encoding."""
    text = text.strip()
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_WINDOWS_1252) if _CONTROL.search(text) else text


def nothing(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    """Take nothing of an element."""


def detail(text: str, attributes: Attributes, language: str | None, default: str) -> Fields:
    """Return a text with its type, which is `default` where none is told; raises Odd."""
    kind = _TEXT_TYPES.get(attributes.get("type", default))
    if kind is None or "mode" in attributes:
        raise Odd
    language = language.replace("_", "-") if language else None
    return {"value": text, "type": kind, "language": language}


def _title(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    if not fields.get("titled"):
        fields["title_detail"] = detail(text, attributes, language, "text")
        fields["titled"] = text != ""


def _other_title(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    if not fields.get("titled"):
        raise Odd


def _untitled(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    fields["titled"] = False


def _summary(default: str) -> Take:
    def take(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
        if "summary_detail" in fields:
            raise Odd
        fields["summary_detail"] = detail(text, attributes, language, default)

    return take


def _content(default: str) -> Take:
    def take(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
        content = detail(text, attributes, language, default)
        fields.setdefault("content", []).append(content)

    return take


def _date(name: str) -> Take:
    def take(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
        if name in fields or (text and dates.read(text) is None):
            raise Odd
        fields[name] = text

    return take


def _language(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    fields["language"] = text


def _field(name: str, *, is_url: bool = False) -> Take:
    def take(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
        if attributes or name in fields:
            raise Odd
        fields[name] = _url(text) if is_url else text

    return take


def permalink(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    """Take an id, which is a link too where it does not say that it is none."""
    if fields.get("identified"):
        raise Odd
    fields["identified"] = True
    if attributes.get("ispermalink", "true") == "true":
        fields["id"] = _url(text)
        fields.setdefault("link", text)
    else:
        fields["id"] = text


def link(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    """Take a link; that to the page of the whole is the `link`."""
    relation = attributes.setdefault("rel", "alternate")
    attributes.setdefault("type", "application/atom+xml" if relation == "self" else "text/html")
    fields.setdefault("links", []).append(attributes)
    _name_target(attributes)
    if "href" in attributes:
        attributes["href"] = _url(attributes["href"])
        if relation == "alternate" and attributes["type"] in _PAGE_TYPES:
            fields["link"] = attributes["href"]
        return
    fields["link"] = _UNNAMED_REFERENCE.sub(r"&\1", _url(text).replace("&amp;", "&"))
    if fields["link"]:
        attributes["href"] = fields["link"]


def _enclosure(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    attributes["rel"] = "enclosure"
    fields.setdefault("links", []).append(attributes)
    _name_target(attributes)


def _name_target(attributes: Attributes) -> None:
    target = attributes.get("url", attributes.get("uri", attributes.get("href")))
    if target:
        attributes.pop("url", None)
        attributes.pop("uri", None)
        attributes["href"] = target


def _url(text: str) -> str:
    if ":///" in text:
        raise Odd
    return text


def _category(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    tags = fields.setdefault("tags", [])
    scheme = attributes.get("scheme", attributes.get("domain"))
    _add_tag(tags, attributes.get("term"), scheme, attributes.get("label"))
    if text and tags and not tags[-1]["term"]:
        tags[-1]["term"] = text
    elif text:
        _add_tag(tags, text, None, None)


def _keywords(scheme: str | None) -> Take:
    def take(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
        if attributes:
            raise Odd
        for term in filter(None, map(str.strip, text.split(","))):
            _add_tag(fields.setdefault("tags", []), term, scheme, None)

    return take


def _add_tag(tags: list[Fields], term: str | None, scheme: str | None, label: str | None) -> None:
    tag = {"term": term, "scheme": scheme, "label": label}
    if (term or scheme or label) and tag not in tags:
        tags.append(tag)


def _person(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    person = fields.pop("person", {})
    if text and person:
        raise Odd
    if "@" in text:
        person |= _addressed(text)
    elif text:
        person["name"] = text
    fields.setdefault("authors", []).append(person)


def _addressed(text: str) -> Fields:
    """Return the address, and the name if there is one, in the form that RSS 2.0 has for both."""
    match = _ADDRESSED.fullmatch(text)
    if match is None:
        raise Odd
    return {name: said.strip() for name, said in match.groupdict().items() if said}


def _of_person(name: str) -> Take:
    def take(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
        fields.setdefault("person", {})[name] = text

    return take


def _picture(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    if url := attributes.get("href") or attributes.get("url"):
        fields["image"] = {"href": url}


def _media(name: str) -> Take:
    def take(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
        fields.setdefault(name, []).append(attributes)

    return take


def _thumbnail(fields: Fields, text: str, attributes: Attributes, language: str | None) -> None:
    if text:
        raise Odd
    fields.setdefault("media_thumbnail", []).append(attributes)


_MEDIA = {
    "media_caption": Element(_field("media_caption")),
    "media_credit": Element(nothing),
    "media_keywords": Element(_keywords(None)),
    "media_rating": Element(nothing),
    "media_thumbnail": Element(_thumbnail),
    "media_title": Element(_other_title),
}
_MEDIA["media_content"] = Element(_media("media_content"), holds=dict(_MEDIA))
PERSON = Element(
    _person,
    holds={
        "email": Element(_of_person("email")),
        "name": Element(_of_person("name")),
        "uri": Element(_of_person("href")),
        "url": Element(_of_person("href")),
    },
    longest=LONGEST_PERSON,
)
USUAL = {
    **_MEDIA,
    "author": PERSON,
    "category": Element(_category),
    "comments": Element(_field("comments", is_url=True)),
    "content": Element(_content("text")),
    "content_encoded": Element(_content("html")),
    "created": Element(_date("created")),
    "dc_author": PERSON,
    "dc_creator": PERSON,
    "dc_date": Element(_date("updated")),
    "dc_description": Element(_summary("html")),
    "dc_language": Element(_language),
    "dc_subject": Element(_category),
    "dc_title": Element(_title),
    "dcterms_created": Element(_date("created")),
    "dcterms_issued": Element(_date("published")),
    "dcterms_modified": Element(_date("updated")),
    "description": Element(_summary("html")),
    "enclosure": Element(_enclosure),
    "feedburner_origlink": Element(_field("feedburner_origlink")),
    "guid": Element(permalink),
    "id": Element(permalink),
    "image": Element(_untitled),
    "issued": Element(_date("published")),
    "itunes_author": PERSON,
    "itunes_block": Element(nothing),
    "itunes_caption": Element(_field("itunes_caption")),
    "itunes_explicit": Element(nothing),
    "itunes_image": Element(_picture),
    "itunes_keywords": Element(_keywords("http://www.itunes.com/")),
    "itunes_subtitle": Element(nothing),
    "keywords": Element(_category),
    "language": Element(_language),
    "link": Element(link),
    "media_group": Element(nothing, holds=dict(_MEDIA)),
    "modified": Element(_date("updated")),
    "pubdate": Element(_date("published")),
    "published": Element(_date("published")),
    "rights": Element(nothing),
    "slash_comments": Element(_field("slash_comments")),
    "source": Element(_untitled),
    "summary": Element(_summary("text")),
    "thr_total": Element(_field("thr_total")),
    "title": Element(_title),
    "updated": Element(_date("updated")),
    "wfw_commentrss": Element(_field("wfw_commentrss", is_url=True)),
}
"""The elements that may stand in an entry, by the names that feedparser has for them."""

MEANT = frozenset((
    "author", "authors", "comments", "content", "created", "created_parsed",
    "feedburner_origlink", "id", "image", "itunes_caption", "language", "link", "links",
    "media_caption", "media_content", "media_thumbnail", "published", "published_parsed",
    "slash_comments", "summary_detail", "tags", "thr_total", "title_detail", "updated",
    "updated_parsed", "wfw_commentrss",
))  # fmt: skip
"""The fields that `entries` reads: an unknown element that is called so is not passed over."""
