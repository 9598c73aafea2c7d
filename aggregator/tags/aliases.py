"""Labels that may be one: plurals, hyphens, spaces, accents. Proposed, never applied."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aggregator import text
from aggregator.model import TagCount

_APART: Final = re.compile(r"[-\s_/&.'’]+")
_AND: Final = re.compile(r"(?<=\S)\s+(?:and|&)\s+(?=\S)", re.IGNORECASE)
_SINGULAR_IN_S: Final = re.compile(r"(?:ss|us|is|ies|news|series|species|politics|sports?)$|ics$")
_SHORTEST: Final = 4
_PLAIN: Final = re.compile(r"[^\W\d_][\w .'’&/()-]*(?<! )")
_WORDS_OF_YAML: Final = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """Labels that may be written as one: the commonest, the others, the aliases it has already."""

    label: str
    articles: int
    others: tuple[TagCount, ...]
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The line of `tags: aliases:` in feeds.yaml that says so."""
        names = [*self.known, *(other.label for other in self.others)]
        counts = " + ".join(str(n) for n in (self.articles, *(o.articles for o in self.others)))
        old = "; replaces the line of this label" if self.known else ""
        return (
            f"{_scalar(self.label)}: [{', '.join(map(_scalar, names))}]  # {counts} articles{old}"
        )


def proposals(
    counts: Iterable[TagCount],
    *,
    canonical: Callable[[str], str],
    aliases: Callable[[str], Sequence[str]],
) -> list[Proposal]:
    """What may be one tag, the commonest first.

    `canonical` is the slug that a slug stands for by now, `aliases` the labels that a slug has.
    """
    alike: defaultdict[str, list[TagCount]] = defaultdict(list)
    for count in counts:
        if canonical(count.slug) == count.slug and (key := _key(count.label)):
            alike[key].append(count)
    groups = [_commonest_first(group, aliases) for group in alike.values() if len(group) > 1]
    found = [
        Proposal(first.label, first.articles, tuple(others), tuple(aliases(first.slug)))
        for first, *others in groups
    ]
    return sorted(found, key=lambda each: (-each.articles, each.label))


def _commonest_first(
    group: list[TagCount], aliases: Callable[[str], Sequence[str]]
) -> list[TagCount]:
    """A label that feeds.yaml knows before others, then those of more articles."""
    return sorted(group, key=lambda one: (not aliases(one.slug), -one.articles, one.slug))


def _key(label: str) -> str:
    """What labels that may be one have in common: folded singulars, without what separates."""
    words = _APART.split(_AND.sub(" ", label))
    return "".join(_singular(text.fold(word)) for word in words if word)


def _singular(word: str) -> str:
    """An English plural, or a Romance one that only adds its s, as its singular."""
    if len(word) < _SHORTEST or not word.endswith("s"):
        return word
    if word.endswith("ies") and len(word) > _SHORTEST + 1:
        return word[:-3] + "y"
    if _SINGULAR_IN_S.search(word):
        return word
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]


def _scalar(label: str) -> str:
    plain = _PLAIN.fullmatch(label) and label.lower() not in _WORDS_OF_YAML
    return label if plain else json.dumps(label, ensure_ascii=False)
