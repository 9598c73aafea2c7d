"""Subscription lists in OPML 2.0 (opml.org/spec2.opml): groups are outlines around their feeds."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from aggregator.model import Feed, Subscription
from aggregator.outputs.wording import printable


def opml(
    title: str, subscriptions: Iterable[Subscription], feeds: Mapping[str, Feed] | None = None
) -> str:
    """Returns the subscriptions in their order; `feeds` by URL know titles and sites of theirs."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = printable(title)
    path: Sequence[str] = ()
    outlines = [SubElement(root, "body")]
    for subscription in subscriptions:
        shared = _shared(path, subscription.groups)
        del outlines[shared + 1 :]
        for group in subscription.groups[shared:]:
            outlines.append(SubElement(outlines[-1], "outline", text=printable(group)))
        path = subscription.groups
        _add(outlines[-1], subscription, (feeds or {}).get(subscription.url))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _shared(path: Sequence[str], other: Sequence[str]) -> int:
    """Returns how many of the outer groups two paths have in common."""
    pairs = zip(path, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _add(parent: Element, subscription: Subscription, feed: Feed | None) -> None:
    title = subscription.title or (feed.title if feed else None) or subscription.url
    known = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": subscription.url,
        "htmlUrl": feed.site_url if feed else None,
        "language": subscription.language,
    }
    SubElement(parent, "outline", {name: printable(text) for name, text in known.items() if text})
