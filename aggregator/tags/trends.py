"""What is more common today than it was, and what stands together: tests that small counts pass.

A tag with k articles today and b in the days before, of T and B articles in all, is tested against
its own share: were each of its articles as likely to fall on a day as articles are in general, the
number of today's would be binomial, Bin(k + b, T / (T + B)). Articles come in bursts, though, so
both counts are divided by the tag's dispersion: Pearson's chi-square of its daily counts by its
degrees of freedom, at least that of the archive's median tag and at least 1. The tail of the
binomial distribution at such counts is the regularized incomplete beta function,

    P = I_{T / (T + B)}(k / dispersion, b / dispersion + 1).

A tag is trending when P is below FALSE_ALARMS divided by the number of tags tested (Bonferroni).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from statistics import median
from typing import Final

from aggregator.model import RelatedTag

FALSE_ALARMS: Final = 0.05
"""How likely a day on which nothing trends is to show any tag."""
LEAST_TODAY: Final = 3
LEAST_DAYS: Final = 7
LEAST_SHARED: Final = 3
_CHANCE_OF_SHARING: Final = 0.001
_DISPERSION_FROM: Final = 10
_ITERATIONS: Final = 300
_PRECISION: Final = 1e-12
_TINY: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Trend:
    """A tag that is commoner today than in the days before.

    `expected` is what its own share would give today, `ratio` how many times that there are,
    `chance` the probability of so many or more; `days` are its counts, today's last.
    """

    tag: str
    today: int
    expected: float
    ratio: float
    chance: float
    days: tuple[int, ...]


def trending(days: Mapping[str, Sequence[int]], totals: Sequence[int]) -> list[Trend]:
    """The tags that trend today, the least likely first.

    `days` holds each tag's articles a day, `totals` all articles a day, both oldest first and today
    last. Nothing trends before the archive has seven earlier days.
    """
    begun = next((at for at, total in enumerate(totals) if total), len(totals))
    *before, today = totals[begun:] or (0,)
    if len(before) < LEAST_DAYS or not today:
        return []
    share = today / (today + sum(before))
    own = {tag: _dispersion(counts[begun:-1], before) for tag, counts in days.items()}
    settled = [own[tag] for tag, counts in days.items() if sum(counts[:-1]) >= _DISPERSION_FROM]
    least = max(1.0, median(settled)) if settled else 1.0
    found = [
        _trend(tag, counts, share, max(least, own[tag]))
        for tag, counts in days.items()
        if counts[-1] >= LEAST_TODAY
    ]
    bar = FALSE_ALARMS / max(len(days), 1)
    return sorted((t for t in found if t.chance < bar), key=lambda t: (t.chance, t.tag))


def related(
    articles: int, neighbours: Iterable[tuple[str, str, int, int]], total: int
) -> list[RelatedTag]:
    """Which tags stand beside one more often than they would by chance, by lift.

    `articles` carry the tag, out of `total`; a neighbour is its slug, its label, how many of these
    carry it and how many do at all.
    """
    found = [
        RelatedTag(slug, label, shared, round(lift(shared, articles, all_of_it, total), 2))
        for slug, label, shared, all_of_it in neighbours
        if shared >= LEAST_SHARED and _stands_out(shared, articles, all_of_it, total)
    ]
    return sorted(found, key=lambda tag: (-tag.lift, -tag.articles, tag.slug))


def lift(shared: int, one: int, other: int, total: int) -> float:
    """How many times as often two tags meet as they would if neither knew of the other."""
    return shared * total / (one * other)


def _stands_out(shared: int, one: int, other: int, total: int) -> bool:
    share = other / total
    return shared > one * share and at_least(share, shared, one - shared) < _CHANCE_OF_SHARING


def _trend(tag: str, counts: Sequence[int], share: float, dispersion: float) -> Trend:
    today, before = counts[-1], sum(counts[:-1])
    expected = max(before, 0.5) * share / (1 - share)
    chance = at_least(share, today / dispersion, before / dispersion)
    return Trend(tag, today, expected, today / expected, chance, tuple(counts))


def _dispersion(counts: Sequence[int], totals: Sequence[int]) -> float:
    """Pearson's chi-square of daily counts by its degrees of freedom; 1 for none."""
    share = sum(counts) / sum(totals)
    if not share:
        return 1.0
    expected = [share * total for total in totals]
    distance = sum((n - e) ** 2 / e for n, e in zip(counts, expected, strict=True) if e)
    return distance / max(sum(map(bool, totals)) - 1, 1)


def at_least(share: float, successes: float, failures: float) -> float:
    """The chance of so many successes or more out of both together, each of the chance `share`.

    Counts need not be whole: I_share(successes, failures + 1), by its continued fraction (Numerical
    Recipes, 6.4).
    """
    if successes <= 0 or share >= 1:
        return 1.0
    a, b = successes, failures + 1
    scale = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log(1 - share)
    if share < (a + 1) / (a + b + 2):
        return exp(scale) * _fraction(share, a, b) / a
    return 1 - exp(scale) * _fraction(1 - share, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ITERATIONS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _nonzero(1 + term * d)
            c = _nonzero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
