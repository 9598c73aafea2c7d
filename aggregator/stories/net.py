"""The net of links between stories, as sittings find them one after another."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from aggregator.stories.ties import Link


class Net:
    """What is known of every story's links after the last sitting that found some of them anew."""

    def __init__(self) -> None:
        self.links: dict[str, list[Link]] = {}
        self._toward: defaultdict[str, set[str]] = defaultdict(set)

    def renew(self, found: Mapping[str, Sequence[Link]]) -> None:
        """Replace all links from and to the stories that are keys."""
        for story in found:
            for other in self._toward.pop(story, set()) - found.keys():
                self.links[other] = [each for each in self.links[other] if each.other != story]
            for link in self.links.get(story, ()):
                self._toward[link.other].discard(story)
        for story, links in found.items():
            self.links[story] = list(links)
            for link in links:
                self._toward[link.other].add(story)
