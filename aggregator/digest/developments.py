"""What happens to a story beside its reports of the day: reports change, and others come later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType

from aggregator.digest.naming import feed_name
from aggregator.model import Amendment, Article, Revision
from aggregator.text import count_words


@dataclass(frozen=True, slots=True)
class Developments:
    """The reports that joined stories after the day, by story; what changed in it, by article.

    `before` has those of the day's articles that an earlier edition told already, as it did: their
    publishers moved their dates into the day.
    """

    later: Mapping[str, Sequence[Article]] = field(default_factory=lambda: MappingProxyType({}))
    amended: Mapping[str, Sequence[Amendment]] = field(default_factory=lambda: MappingProxyType({}))
    before: Mapping[str, Article] = field(default_factory=lambda: MappingProxyType({}))


def as_of(article: Article, revisions: Sequence[Revision], moment: datetime) -> Article:
    """The article as it read just before `moment`; `revisions` are oldest first."""
    then = next((each for each in revisions if each.replaced >= moment), None)
    if then is None:
        return article
    return replace(
        article,
        title=then.title,
        summary=then.summary,
        content_html=then.content_html,
        text=then.text,
        words=count_words(then.text),
    )


def amendments(
    article: Article, revisions: Sequence[Revision], since: datetime, until: datetime
) -> tuple[Amendment, ...]:
    """How an article changed in [since, until), oldest first; `revisions` are oldest first.

    White space alone is no change of a headline.
    """
    feed = feed_name(article)
    headlines = [*(each.title for each in revisions), article.title]
    return tuple(
        Amendment(
            article.id,
            feed,
            revision.replaced,
            before if before.split() != after.split() else None,
        )
        for revision, (before, after) in zip(revisions, pairwise(headlines), strict=True)
        if since <= revision.replaced < until
    )
