"""One article with all that is known of it: what `show --json` and the API give."""

from aggregator.model import Article, Copied
from aggregator.outputs import edition_shapes, feed_shapes, shapes
from aggregator.pipeline import placing
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.tagging import suggested


def shown(newsroom: Newsroom, article: Article) -> shapes.Shape:
    """An article with suggested tags, drifts, and what ties it to its story; raises SearchError."""
    suggestions = [each for _, found in suggested(newsroom, [article]) for each in found]
    return {
        **shapes.article(article),
        "suggested_tags": [shapes.suggestion(each) for each in suggestions],
        "drifts": [feed_shapes.drift(one) for one in newsroom.store.drifts_of(article.id)],
        **_story(newsroom, article),
    }


def _story(newsroom: Newsroom, article: Article) -> shapes.Shape:
    """What ties an article to its story and others to it, the copies there, the stories around."""
    group = placing.group_of(newsroom, article.id)
    if group is None:
        return {"ties": [], "copies": [], "related": []}
    copies = (Copied(each.origin, each.ids) for each in group.copies)
    return {
        "ties": [
            edition_shapes.tie(one, tie.other, tie.kind, tie.score, tie.terms)
            for one, tie in (group.ties or {}).items()
            if article.id in (one, tie.other)
        ],
        "copies": [edition_shapes.copied(each) for each in copies],
        "related": [edition_shapes.kin(each) for each in group.related],
    }
