"""The web of affairs: which stories are linked to which, as far as it was told."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from aggregator.stories.ties import Link

MOST_LINKS = 24
"""So many links a story looks for; others may add theirs."""


@dataclass(frozen=True, slots=True)
class Retold:
    """What new reports change: by story, what it was linked to before, and the links instead.

    What is found again is in both. A link stands once, whichever of its stories it is from.
    """

    before: Mapping[str, Collection[str]] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)


class Web:
    """Links, found from both of their stories."""

    def __init__(self, links: Iterable[Link] = ()) -> None:
        self._links: defaultdict[str, dict[str, Link]] = defaultdict(dict)
        self.tie(links)

    def tie(self, links: Iterable[Link]) -> None:
        """Take links in."""
        for link in links:
            self._links[link.story][link.other] = self._links[link.other][link.story] = link

    def cut(self, links: Mapping[str, Iterable[str]]) -> None:
        """Forget links."""
        for story, others in links.items():
            for other in others:
                self._links[story].pop(other, None)
                self._links[other].pop(story, None)

    def take(self, retold: Retold) -> None:
        """Put what was told anew in the place of what was told before."""
        self.cut(retold.before)
        self.tie(retold.links)

    def __iter__(self) -> Iterator[Link]:
        """Each link once."""
        for story, links in self._links.items():
            yield from (link for link in links.values() if link.story == story)

    def renamed(self, names: Mapping[str, str]) -> Iterator[Link]:
        """Each link once, between stories by the names that some of them get."""
        for link in self:
            story, other = (names.get(one, one) for one in (link.story, link.other))
            yield replace(link, story=story, other=other)

    def around(self, story: str) -> Mapping[str, Link]:
        """The links of a story by the other story, whichever of them they are from."""
        return self._links.get(story, {})

    def links(self, stories: Iterable[str]) -> Iterator[Link]:
        """The links of these stories, whichever story they are from."""
        return (link for story in stories for link in self.around(story).values())

    def near(self, story: str) -> list[str]:
        """What a story is linked to by itself, the nearest first."""
        found = (
            (-link.score, other)
            for other, link in self.around(story).items()
            if not link.is_chained
        )
        return [other for _, other in sorted(found)]

    def of(self, story: str) -> list[Link]:
        """The links from a story, the nearest first."""
        found = (
            replace(link, story=story, other=other) for other, link in self.around(story).items()
        )
        return sorted(found, key=nearest_first)


def nearest_first(link: Link) -> tuple[float, str]:
    """The order of the links of a story."""
    return -link.score, link.other
