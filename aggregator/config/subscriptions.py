"""The feeds of all files as one flat list: groups hand down, doubles are found."""

from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.config import models, values
from aggregator.config.document import Node, Scalar, Sequence, Table
from aggregator.config.problems import described, line_of
from aggregator.config.source import Outline, Place, Source
from aggregator.model import Subscription

Headers = tuple[tuple[str, str], ...]

_NOTHING = models.Inherited()


@dataclass(frozen=True, slots=True)
class Scope:
    """What the groups around a feed hand down."""

    groups: tuple[str, ...] = ()
    given: models.Inherited = _NOTHING


class Subscriptions:
    """Collects the feeds in the order of the files."""

    def __init__(self) -> None:
        self.all: list[Subscription] = []
        self.places: dict[str, Place] = {}
        self._first: dict[str, Place] = {}

    def add_yaml(self, source: Source, node: Node, scope: Scope = Scope()) -> None:
        """Add the feeds of a list that may hold groups."""
        if not isinstance(node, Sequence):
            if not (isinstance(node, Scalar) and node.value is None):
                source.report(node.line, "feeds", f"a list is expected, not {described(node)}")
            return
        for item in node.items:
            if isinstance(item, Table) and (item.child("group") or item.child("feeds")):
                self._add_group(source, item, scope)
            else:
                self._add_feed(source, item, scope)

    def add_opml(self, source: Source, outlines: Iterable[Outline]) -> None:
        """Add the feeds of an OPML list."""
        for outline in outlines:
            node = Scalar(outline.line, outline.url)
            data = {"url": outline.url}
            if outline.title and outline.title.strip():
                data["title"] = outline.title
            if feed := source.valid(models.Feed, node, "url", data):
                self._add(source, node, feed, Scope(outline.groups))

    def _add_group(self, source: Source, node: Table, scope: Scope) -> None:
        data = source.plain(node, "group", without="feeds")
        group = source.valid(models.Group, node, "group", data)
        below = node.child("feeds")
        if below is None:
            source.report(node.line, "group", "has no feeds")
            return
        if group:
            given = _handed_down(source, node, scope.given, group)
            scope = Scope((*scope.groups, group.group), given)
        self.add_yaml(source, below[1], scope)

    def _add_feed(self, source: Source, node: Node, scope: Scope) -> None:
        data = source.plain(node, "url")
        if isinstance(node, Sequence):
            source.report(node.line, "feeds", "an address or a mapping is expected, not a list")
            return
        if isinstance(node, Scalar):
            data = {"url": data or ""}
        if feed := source.valid(models.Feed, node, "feeds", data):
            self._add(source, node, feed, scope)

    def _add(self, source: Source, node: Node, feed: models.Feed, scope: Scope) -> None:
        place = source.place(line_of(node, ("url",)))
        first = self._first.setdefault(values.identity(feed.url), place)
        if first is not place:
            message = f"{feed.url} is the same feed as in {first[0]}:{first[1]}"
            source.report(place[1], "url", message)
            return
        self.places[feed.url] = place
        self.all.append(_subscription(feed, scope, _handed_down(source, node, scope.given, feed)))


def _subscription(feed: models.Feed, scope: Scope, given: models.Inherited) -> Subscription:
    return Subscription(
        url=feed.url,
        title=feed.title,
        groups=scope.groups,
        tags=given.tags,
        interval=given.interval,
        headers=given.headers,
        include=given.include,
        exclude=given.exclude,
        language=given.language,
        weight=1.0 if given.weight is None else given.weight,
        active=given.active is not False,
    )


def _handed_down(
    source: Source, node: Node, outer: models.Inherited, own: models.Inherited
) -> models.Inherited:
    if outer is _NOTHING:
        return own
    return models.Inherited.model_construct(
        tags=tuple(dict.fromkeys(outer.tags + own.tags)),
        interval=outer.interval if own.interval is None else own.interval,
        headers=_merged(outer.headers, own.headers),
        include=_both(source, node, "include", "({}) AND ({})", outer, own),
        exclude=_both(source, node, "exclude", "({}) OR ({})", outer, own),
        language=own.language or outer.language,
        weight=outer.weight if own.weight is None else own.weight,
        active=outer.active if own.active is None else own.active,
    )


def _merged(outer: Headers, own: Headers) -> Headers:
    names = {name.lower() for name, _ in own}
    return tuple(pair for pair in outer if pair[0].lower() not in names) + own


def _both(
    source: Source,
    node: Node,
    key: str,
    form: str,
    outer: models.Inherited,
    own: models.Inherited,
) -> str | None:
    ours: str | None = getattr(own, key)
    theirs: str | None = getattr(outer, key)
    if not ours or not theirs or ours == theirs:
        return ours or theirs
    combined = form.format(values.parsed(theirs), values.parsed(ours))
    try:
        return values.query_text(combined)
    except ValueError as error:
        source.report(line_of(node, (key,)), key, f"together with that of the group: {error}")
        return ours
