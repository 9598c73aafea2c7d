"""Untrusted HTML to HTML that is safe to show: an allow-list, absolute links, no trackers."""

import re
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape, unescape

import nh3

from aggregator import text, urls
from aggregator.model import Image

MAX_LENGTH = 1_000_000
"""Characters of HTML that are read; what follows is cut off."""

MAX_TAGS = 4_000
"""Tags that are parsed; work may grow with the square of this number, never with the length's."""

_MAX_TAG_LENGTH = 20_000
_MOST_PASSES = 5


def _names(listed: str) -> set[str]:
    return set(listed.split())


# Where an image's URL may stand, the likeliest first: a lazily loaded one has a stand-in as `src`.
_SOURCES = (
    *("data-src", "data-lazy-src", "data-original", "src", "data-lazy-srcset", "data-srcset"),
    *("srcset", "data-large-file", "data-orig-file"),
)
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "hreflang", "title"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "img": {"alt", "height", "style", "title", "width", *_SOURCES},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_TAGS = _names(
    """a abbr address article aside b bdi bdo big blockquote br caption center cite code col
    colgroup dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i
    img ins kbd li main mark ol p pre q rp rt ruby s samp section small strike strong sub summary
    sup table tbody td tfoot th thead time tr tt u ul var wbr"""
)
_DROPPED_WITH_CONTENT = _names(
    """applet audio button canvas datalist embed frameset head iframe math noembed noframes noscript
    object option script select style svg template textarea title video xmp"""
)
_BREAKS = _names(
    """address article aside blockquote br caption center dd details div dl dt figcaption figure
    footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre section summary table tbody tfoot thead tr
    ul"""
)
_SAID = {**dict.fromkeys(_BREAKS, "\n"), **dict.fromkeys(_names("img td th"), " ")}
"""What the visible text has in place of a tag, if anything."""
_URLS = {"href", "cite", *_SOURCES}
_NUMBERS = {"colspan", "height", "rowspan", "span", "start", "value", "width"}

_LONG_TAG = re.compile(rf"<(?=[a-z])[^>]{{{_MAX_TAG_LENGTH},}}+>?", re.IGNORECASE)
# With attributes of their own, n open formatting elements open again in every later paragraph.
_FORMATTING = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/])[^>]*+>?", re.IGNORECASE
)
_WRAPPERS = re.compile(r"</?(?:span|font|nobr|wbr)(?=[\s/>])[^>]*+>?", re.IGNORECASE)
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_NO_CONTROLS = re.compile("[ -~\t\n\r\xa0-\ufffd\U00010000-\U0010ffff]*+")
_TAG = re.compile(r"</?([a-z0-9]+)(?: [a-z-]+=\"[^\"]*\")*>")
_NUMBER = re.compile(r"-?\d{1,5}(?=px$|\.\d|$)")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![\w-])(?:width|height)\s*:\s*[01](?:px|\s*[;!]|$)",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"([^\s,]\S*+)(?:(?<!,)\s+(\d{1,6}(?:\.\d{1,6})?)[wx]\s*,?)?")
# The first item of a list that is not there: right after any tag but these.
_ITEM = re.compile("<(?:li|d[dt])")
_LOOSE_ITEM = re.compile(r"<(?![oud]l[ >]|/(?:li|d[dt])>)[^<]*<(?:li|d[dt])[ >]")
_IMG = re.compile(r"<img((?: [a-z-]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r" ([a-z-]+)=\"([^\"]*)\"")
_HREF = re.compile(r"<a(?: [a-z]+=\"[^\"]*\")*? href=\"([^\"]*)\"")
_EMOJI = re.compile(r"//s\.w\.org/images/core/emoji/|/emoji/[^/]*\.(?:png|svg)$|/smilies/")
_BEACON = re.compile(
    r"""//(?:pixel\.wp\.com|stats\.wordpress\.com|(?:beacon|track(?:ing|er)?|counter|analytics)\.)
      | //(?:feeds\.feedburner\.com/~|feedads\.|[\w.-]*feedsportal\.com/|rss\.buysellads\.)
      | //[\w.-]*(?:doubleclick\.net|google-analytics\.com|scorecardresearch\.com
                   |quantserve\.com|imrworldwide\.com|chartbeat\.net|list-manage\.com/track)
      | //(?:www\.)?facebook\.com/tr\b
      | /(?:spacer|blank|transparent|clear|track(?:er|ing)?|beacon|count(?:er)?|1x1)\.(?:gif|png)\b
      | [/_.-]pixel\.(?:gif|png)\b
      | [?&](?:rss[-_]?pixel|tracking_?pixel)\b""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Clean:
    """Clean HTML, its visible text, and the images that it shows, in order."""

    html: str
    text: str
    images: tuple[Image, ...] = ()

    @property
    def links(self) -> tuple[str, ...]:
        """The URLs that it links to, in order, each once."""
        return tuple(dict.fromkeys(map(unescape, _HREF.findall(self.html))))


def clean(html: str, base: str | None) -> Clean:
    """Return `html` safe to show anywhere, its URLs absolute against `base`; never raises.

    Only http(s) links and images stay; forms, frames, scripts, styles, SVG, MathML, tracking
    pixels, ids and classes go; lazily loaded images get their real source. HTML of more than
    `MAX_TAGS` tags loses its inline wrappers, and if that does not help, all its tags.
    """
    if "<" not in html:
        return _clean_text(html)
    _page.base = base
    shown = _settled(_parsed(_bounded(html), _cleaner()))
    if not _NO_CONTROLS.fullmatch(shown):
        shown = _CONTROL.sub("", shown)
    images: list[Image] = []
    if "<img" in shown:
        shown = _IMG.sub(lambda match: _image(match[1], images), shown)
    shown = shown.strip()
    return Clean(shown, _text(shown), tuple(images))


def is_tracker(image: Image) -> bool:
    """Return whether an image is there to be counted, not seen: a pixel, or a known beacon."""
    sizes = (image.width, image.height)
    return any(size is not None and size <= 1 for size in sizes) or _is_beacon(image.url)


@lru_cache(maxsize=256)
def _is_beacon(url: str) -> bool:
    return _BEACON.search(url) is not None


def _clean_text(html: str) -> Clean:
    plain = text.visible(_SURROGATES.sub("\ufffd", html[:MAX_LENGTH]))
    return Clean(escape(plain, quote=False), plain)


def _bounded(html: str) -> str:
    """Return HTML that nh3 parses in bounded time."""
    html = html[:MAX_LENGTH]
    if html.count("<") > MAX_TAGS:
        html = _WRAPPERS.sub("", html)
    if html.count("<") > MAX_TAGS:
        return _paragraphs(text.visible(html))
    if len(html) > _MAX_TAG_LENGTH:
        html = _LONG_TAG.sub("", html)
    return _FORMATTING.sub(r"<\1>", html)


def _parsed(html: str, cleaner: nh3.Cleaner) -> str:
    try:
        return cleaner.clean(html)
    except UnicodeEncodeError:
        return cleaner.clean(_SURROGATES.sub("\ufffd", html))


def _settled(html: str) -> str:
    """Return clean HTML that a browser reads as it was meant.

    An item of a list that stands in another one, as a table or an element that went may leave it,
    would close that one, and the end tags that follow would close elements of the page around.
    """
    for _ in range(_MOST_PASSES):
        if not _ITEM.search(html) or not _LOOSE_ITEM.search(html):
            return html
        again = _cleaner().clean(html)
        if again == html:
            return html
        html = again
    return _paragraphs(text.visible(html))


def _text(shown: str) -> str:
    """Return `text.visible` of clean HTML, which is so regular that patterns can read it."""
    pieces = _TAG.split(shown.replace("\n", " "))
    pieces[1::2] = [_SAID.get(name, "") for name in pieces[1::2]]
    return text.collapsed(unescape("".join(pieces)))


def _paragraphs(plain: str) -> str:
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in plain.splitlines())


class _Page(threading.local):
    """The page whose HTML this thread is cleaning; making a cleaner for each costs too much."""

    base: str | None = None


_page = _Page()


@cache
def _cleaner() -> nh3.Cleaner:
    """Return the cleaner; nh3 calls `keep` once for each attribute, in the thread that cleans."""

    def keep(tag: str, name: str, value: str) -> str | None:
        if name in _URLS:
            url = _largest(value) if name.endswith("srcset") else value
            return urls.resolve(_page.base, url)
        if name in _NUMBERS:
            number = _NUMBER.match(value.strip())
            return number[0] if number else None
        if name == "style":
            return "display:none" if _HIDDEN.search(value) else None
        return value

    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https"},
    )


def _largest(srcset: str) -> str:
    """Return the URL of the largest candidate of a srcset (HTML, 4.8.4.2.1)."""
    candidates = _CANDIDATE.findall(srcset[:_MAX_TAG_LENGTH])
    return max(candidates, key=lambda found: float(found[1] or 1), default=("", ""))[0].rstrip(",")


def _image(attributes: str, found: list[Image]) -> str:
    """Return one cleaned `<img>` as it is shown, if it is, and note it in `found`."""
    values = {match[1]: match[2] for match in _ATTRIBUTE.finditer(attributes)}
    source = _source(values)
    if source is None or "style" in values:
        return ""
    image = Image(unescape(source), *(_pixels(values.get(side)) for side in ("width", "height")))
    if is_tracker(image):
        return ""
    if _EMOJI.search(image.url):
        return escape(unescape(values.get("alt", "")))
    found.append(image)
    sizes = {"width": image.width, "height": image.height}
    texts = {name: values[name] for name in ("title", "dir", "lang") if name in values}
    shown = {"src": source, "alt": values.get("alt", ""), **texts}
    shown |= {name: str(size) for name, size in sizes.items() if size is not None}
    return "<img" + "".join(f' {name}="{value}"' for name, value in shown.items()) + ">"


def _source(values: dict[str, str]) -> str | None:
    """Return the URL of an image, as serialized, that is neither a stand-in nor a beacon."""
    sources = [values[name] for name in _SOURCES if name in values]
    return next((url for url in sources if not _is_beacon(unescape(url))), None)


def _pixels(value: str | None) -> int | None:
    return int(value) if value is not None else None
