"""Which tags an article has, and why: from its feeds, the user's file, rules, and parents.

    subscriptions ─ categories of every sighting ─ rules in order ─ parents of all of these

The first to give a tag is its source. Ignored labels are ignored where publishers give them;
what the user's file gives always counts.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from aggregator import query, text, urls
from aggregator.model import Article, Sighting, Subscription, Tag, Tagging, TagSource

MAX_TAGS: Final = 50
MAX_FEED_TAGS: Final = 30
_MAX_LABEL: Final = 80
_MAX_CATEGORY: Final = 2_000
_MAX_WHY: Final = 200
_MOST_FOUND: Final = 3
_LONGEST_FOUND: Final = 20
_PLACES: Final = {"title": "title", "body": "text", "author": "byline", "feed": "feed's name"}

_LISTED: Final = re.compile(r"[;；|、]|\s[>›»]\s")
_COMMA: Final = re.compile(r",\s+")
_CONJUNCTION: Final = re.compile(r"\b(?:and|or|und|oder|et|ou|y|e|o|en|of)\b|&", re.IGNORECASE)
_SHORTEST_LIST: Final = 3
_MEANINGLESS: Final = re.compile(
    r"[\d\s.,:_+-]*"  # a number, a date
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|(?=\S*\d)[0-9a-f]{16,}"  # a hash
    r"|(?:\w+://|www\.)\S*"  # a URL
    r"|[a-z][\w+.-]*:\S*\d{3}\S*",  # an identifier with its scheme, like arXiv:2507.20190
    re.ASCII | re.IGNORECASE,
)

_slug = lru_cache(maxsize=50_000)(text.slug)


def split_categories(category: str) -> tuple[str, ...]:
    """Return the labels in a publisher's category: cleaned, in order, each slug once.

    Semicolons, bars and the `>` of paths separate. Commas do only in a plain list: `Trump, Donald`,
    `Washington, D.C.` and `Conflict, Peace and Security` are one label. Numbers, URLs, identifiers
    and labels of more than 80 characters are no tags.
    """
    return _split(category[:_MAX_CATEGORY])


@lru_cache(maxsize=5_000)
def _split(category: str) -> tuple[str, ...]:
    parts = (part for item in _LISTED.split(_readable(category)) for part in _at_commas(item))
    labels: dict[str, str] = {}
    for part in parts:
        label = part.strip(" \t,/").lstrip("#").strip()
        if label and len(label) <= _MAX_LABEL and not _MEANINGLESS.fullmatch(label):
            labels.setdefault(_slug(label), label)
    return tuple(labels.values())


def _readable(category: str) -> str:
    unescaped = html.unescape(html.unescape(category))
    visible = text.visible(unescaped) if "<" in unescaped else unescaped
    return " ".join(visible.split())


def _at_commas(item: str) -> list[str]:
    parts = _COMMA.split(item.strip())
    in_lower_case = item == item.lower() != item.upper()
    is_list = in_lower_case or len(parts) >= _SHORTEST_LIST
    return parts if is_list and not _CONJUNCTION.search(item) else [item]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, bound to a day."""

    tag: Tag
    query: query.Query
    reads_tags: bool


class Tagger:
    """Gives tags to articles as feeds.yaml says; pure, and deterministic for equal input."""

    def __init__(
        self, tagging: Tagging, subscriptions: Iterable[Subscription], *, timezone: ZoneInfo
    ) -> None:
        """Compile the rules; raises QueryError if one is malformed."""
        self._timezone = timezone
        self._subscriptions = {one.url: one for one in subscriptions}
        self._canonical = {
            _slug(alias): _slug(label)
            for label, aliases in tagging.aliases.items()
            for alias in aliases
        }
        self._labels = self._known_labels(tagging)
        self._ignored = {self.slug(label) for label in tagging.ignore} | set(tagging.ignore)
        self._above = self._parent_slugs(tagging)
        self._other_slugs = {
            self.slug(label): tuple(map(_slug, aliases))
            for label, aliases in tagging.aliases.items()
        }
        self._rules = tuple((rule, query.parse(rule.when)) for rule in tagging.rules)
        self._bound: tuple[date | None, tuple[_Rule, ...]] = (None, ())
        self.aliases: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {_slug(label): aliases for label, aliases in tagging.aliases.items()}
        )
        self.parents: Mapping[str, tuple[str, ...]] = MappingProxyType(
            {slug: tuple(map(self.label, above)) for slug, above in self._above.items()}
        )

    def slug(self, label: str) -> str:
        """Return the slug of a label in any spelling; an alias has that of its canonical label."""
        slug = _slug(label)
        return self._canonical.get(slug, slug)

    def slugs(self, label: str) -> tuple[str, ...]:
        """Return every slug that stands for a label in a query: its own, aliases', children's.

        So tags that were stored before feeds.yaml knew an alias or a parent are found, too.
        """
        own = self.slug(label)
        meant = (own, *self._below(own))
        aliases = (alias for slug in meant for alias in self._other_slugs.get(slug, ()))
        return tuple(dict.fromkeys((*meant, *aliases)))

    def label(self, slug: str) -> str:
        """Return the label that feeds.yaml writes for a slug, else the slug itself."""
        return self._labels.get(slug, slug)

    def tags(self, article: Article, *, now: datetime) -> tuple[Tag, ...]:
        """Return the tags of an article, at most 50: the user's, the feeds', by rule, parents."""
        found: dict[str, Tag] = {}
        for tag in self._given(article):
            found.setdefault(tag.slug, tag)
        for tag in self._by_rule(article, found, now):
            found.setdefault(tag.slug, tag)
        return tuple(self._with_parents(found).values())[:MAX_TAGS]

    # --- what sightings say -----------------------------------------------------------------

    def _given(self, article: Article) -> Iterator[Tag]:
        for sighting in article.sightings:
            yield from self._subscribed(sighting)
        yield from self._published(article.sightings)
        yield from (tag for tag in article.tags if tag.source == "page")

    def _subscribed(self, sighting: Sighting) -> Iterator[Tag]:
        subscription = self._subscriptions.get(sighting.feed_url)
        if subscription and subscription.tags:
            groups = " > ".join(subscription.groups)
            why = f"feeds.yaml: {self._name(sighting)}" + (f", group {groups}" if groups else "")
            for label in subscription.tags:
                yield self._tag(label, "subscription", why)

    def _published(self, sightings: Iterable[Sighting]) -> Iterator[Tag]:
        seen: set[str] = set()
        for sighting in sightings:
            for category in sighting.categories:
                why = f'category "{" ".join(category.split())}" of {self._name(sighting)}'
                for label in split_categories(category):
                    tag = self._tag(label, "feed", why)
                    if not {tag.slug, _slug(label)} & self._ignored and tag.slug not in seen:
                        seen.add(tag.slug)
                        yield tag
                        if len(seen) >= MAX_FEED_TAGS:
                            return

    def _name(self, sighting: Sighting) -> str:
        subscription = self._subscriptions.get(sighting.feed_url)
        title = subscription.title if subscription else None
        return title or sighting.feed_title or urls.host(sighting.feed_url) or sighting.feed_url

    def _tag(self, label: str, source: TagSource, why: str) -> Tag:
        slug = self.slug(label)
        return Tag(slug, self._labels.get(slug, label), source, text.shorten(why, _MAX_WHY))

    # --- what rules say ---------------------------------------------------------------------

    def _by_rule(self, article: Article, found: Mapping[str, Tag], now: datetime) -> Iterator[Tag]:
        if not self._rules:
            return
        given = self._with_parents(found)
        named, slugs = set(found), set(given)
        record = query.record(replace(article, tags=tuple(given.values())))
        for rule in self._rules_of(now):
            if rule.tag.slug in named:
                continue
            if rule.reads_tags and record.tags != slugs:
                record = replace(record, tags=frozenset(slugs))
            if not query.matches(rule.query, record):
                continue
            yield self._because(rule, record)
            named.add(rule.tag.slug)
            slugs.update(self._with_parents({rule.tag.slug: rule.tag}))

    def _because(self, rule: _Rule, record: query.Record) -> Tag:
        """The tag of a rule, its reason being the rule and the words that it found."""
        found = _words_found(query.evidence(rule.query, record))
        why = text.shorten(rule.tag.why, _MAX_WHY - len(found))
        return replace(rule.tag, why=why + found)

    def _rules_of(self, now: datetime) -> tuple[_Rule, ...]:
        day = now.astimezone(self._timezone).date()
        bound_day, rules = self._bound
        if bound_day != day:
            rules = tuple(
                _Rule(
                    self._tag(rule.tag, "rule", f"rule: {rule.when}"),
                    query.bind(tree, now=now, timezone=self._timezone, tag_slugs=self.slugs),
                    _reads_tags(tree),
                )
                for rule, tree in self._rules
            )
            self._bound = (day, rules)
        return rules

    # --- what stands above ------------------------------------------------------------------

    def _with_parents(self, found: Mapping[str, Tag]) -> dict[str, Tag]:
        complete = dict(found)
        waiting = list(found.values())
        for tag in waiting:
            for slug in self._above.get(tag.slug, ()):
                if slug not in complete:
                    parent = Tag(slug, self.label(slug), "parent", f"parent of {tag.label}")
                    complete[slug] = parent
                    waiting.append(parent)
        return complete

    def _below(self, parent: str) -> list[str]:
        """Return the slugs whose parents lead to `parent`, near ones first."""
        found = [parent]
        for above in found:
            found += [
                child
                for child, parents in self._above.items()
                if above in parents and child not in found
            ]
        return found[1:]

    def _parent_slugs(self, tagging: Tagging) -> Mapping[str, tuple[str, ...]]:
        above: dict[str, dict[str, None]] = {}
        for parent, children in tagging.parents.items():
            for child in children:
                if self.slug(child) != self.slug(parent):
                    above.setdefault(self.slug(child), {})[self.slug(parent)] = None
        return {slug: tuple(parents) for slug, parents in above.items()}

    def _known_labels(self, tagging: Tagging) -> Mapping[str, str]:
        labels: dict[str, str] = {}
        for label in (
            *tagging.aliases,
            *tagging.parents,
            *(child for children in tagging.parents.values() for child in children),
            *(rule.tag for rule in tagging.rules),
            *(label for one in self._subscriptions.values() for label in one.tags),
        ):
            labels.setdefault(self.slug(label), label)
        return labels


def _words_found(evidence: Iterable[query.Evidence]) -> str:
    """` (“tehran” in the title)`: where the first of a rule's words stand, if words they were."""
    told: dict[str, str] = {}
    for each in evidence:
        if each.part:
            word = text.shorten(each.words[0], _LONGEST_FOUND)
            told.setdefault(word, f"“{word}” in the {_PLACES[each.part]}")
        if len(told) == _MOST_FOUND:
            break
    return f" ({', '.join(told.values())})" if told else ""


def _reads_tags(tree: query.Query) -> bool:
    leaves = query.leaves(tree)
    return any(isinstance(leaf, query.Exact) and leaf.field == "tag" for leaf in leaves)
