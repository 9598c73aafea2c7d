"""The tags: sections of all files as one Tagging, with contradictions found."""

from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from aggregator import text
from aggregator.config import models
from aggregator.config.document import Node
from aggregator.config.problems import line_of
from aggregator.config.source import Source
from aggregator.model import Rule, Tagging


class Taxonomy:
    """Collects aliases, parents, ignored labels and rules in the order of the files."""

    def __init__(self) -> None:
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._parents: dict[str, tuple[str, ...]] = {}
        self._ignore: list[str] = []
        self._rules: list[Rule] = []
        self._labels: dict[str, str] = {}
        self._alias_of: dict[str, str] = {}
        self._alias_places: dict[str, tuple[Source, int]] = {}
        self._parent_places: dict[str, tuple[Source, int]] = {}

    def add(self, source: Source, node: Node, tags: models.Tags) -> None:
        """Add one file's section, which stands below `node`."""
        for label, others in tags.aliases.items():
            line = line_of(node, ("tags", "aliases", label))
            canonical = self._label(label)
            self._aliases[canonical] = _joined(self._aliases.get(canonical), others)
            for other in others:
                self._add_alias(source, line, canonical, other)
        for label, children in tags.parents.items():
            parent = self._label(label)
            self._parents[parent] = _joined(self._parents.get(parent), children)
            self._parent_places[parent] = (source, line_of(node, ("tags", "parents", label)))
        self._ignore.extend(tags.ignore)
        self._rules.extend(Rule(rule.tag, rule.when) for rule in tags.rules)

    def tagging(self) -> Tagging:
        """Return what was collected, after noting chains of aliases and circles of parents."""
        self._check_chains()
        self._check_circles()
        return Tagging(
            aliases=MappingProxyType(self._aliases),
            parents=MappingProxyType(self._parents),
            ignore=tuple(dict.fromkeys(map(text.slug, self._ignore))),
            rules=tuple(self._rules),
        )

    def _label(self, label: str) -> str:
        return self._labels.setdefault(text.slug(label), label)

    def _add_alias(self, source: Source, line: int, canonical: str, alias: str) -> None:
        slug = text.slug(alias)
        first = self._alias_of.setdefault(slug, canonical)
        self._alias_places.setdefault(slug, (source, line))
        if first != canonical:
            place = self._alias_places[slug]
            where = f"{place[0].path}:{place[1]}"
            source.report(line, canonical, f"'{alias}' is an alias of '{first}' already ({where})")

    def _check_chains(self) -> None:
        for label in self._aliases:
            canonical = self._alias_of.get(text.slug(label), label)
            if canonical != label:
                source, line = self._alias_places[text.slug(label)]
                message = f"'{label}' is an alias here and has aliases of its own: join the lists"
                source.report(line, canonical, message)

    def _check_circles(self) -> None:
        graph = {
            parent: {self._canonical(child): None for child in children}
            for parent, children in self._parents.items()
        }
        while circle := _circle(graph):
            source, line = self._parent_places[circle[1]]
            names = " → ".join(circle)
            source.report(line, circle[1], f"a tag can't stand above itself: {names}")
            del graph[circle[1]][circle[0]]

    def _canonical(self, label: str) -> str:
        slug = text.slug(label)
        return self._alias_of.get(slug) or self._labels.get(slug, label)


def _circle(graph: dict[str, dict[str, None]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def _joined(first: tuple[str, ...] | None, second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(first or ()), *second)))
