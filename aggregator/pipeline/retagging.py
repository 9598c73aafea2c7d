"""Retagging: stored articles get today's tags, and the pages of these tags follow."""

from collections.abc import Sequence

from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import site
from aggregator.store.upkeep import Retagged


def retag(newsroom: Newsroom, *, dry_run: bool = False) -> Sequence[Retagged]:
    """Apply the tag rules of now: (id, old, new) of each article that changes.

    The index follows at once, published pages of tags that gained or lost articles with the next
    digest. A dry run changes nothing.
    """
    now = newsroom.clock()
    changed = newsroom.store.retag(
        lambda article: newsroom.tagger.tags(article, now=now), dry_run=dry_run
    )
    if not dry_run:
        newsroom.index.catch_up()
        site(newsroom.config).forget_tags(_touched(changed))
    return changed


def _touched(changed: Sequence[Retagged]) -> set[str]:
    return {tag.slug for _, old, new in changed for tag in {*old}.symmetric_difference(new)}
