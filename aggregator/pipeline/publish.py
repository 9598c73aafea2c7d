"""Publishing: the articles of a day become stories, editions and pages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from aggregator.config import Config
from aggregator.model import Edition
from aggregator.model.instants import bounds
from aggregator.outputs.issue import TagLists
from aggregator.outputs.pages import Pages
from aggregator.outputs.shelf import slug_of
from aggregator.outputs.site import Site
from aggregator.pipeline import editions
from aggregator.pipeline.editions import Draft
from aggregator.pipeline.newsroom import Newsroom

MANIFEST = "published.json"
TAG_ARTICLES = 50
"""How many articles the page and the feeds of a tag have."""

RECENT_DAYS = 8
"""How far back late articles and later reports still change editions; a story runs for six days."""


def pages(config: Config) -> Pages:
    """The renderer of pages, as the settings want it."""
    settings = config.settings
    return Pages(settings.title, settings.timezone, settings.clocks, config.digest.templates)


def site(config: Config) -> Site:
    """The static site of the digests; raises AggregatorError for an unknown output."""
    written = [name for name in config.digest.outputs if name != "email"]
    manifest = config.settings.data / MANIFEST
    return Site(
        config.digest.output, pages(config), written, manifest=manifest, url=config.digest.url
    )


def publish(newsroom: Newsroom, day: date) -> list[Edition]:
    """Build the editions of a local day that changed, and write the pages that did."""
    published = site(newsroom.config)
    wanted = editions.drafts(newsroom, day, newsroom.config.topics)
    built = _kept(published, day, wanted.editions)
    lacking = [each for each in wanted.editions if each.slug not in built]
    if lacking:
        fresh = editions.made(newsroom, replace(wanted, editions=lacking))
        built.update({slug_of(each): each for each in fresh})
    whole = editions.with_trends(newsroom, day, [built[each.slug] for each in wanted.editions])
    published.publish(
        day,
        whole,
        _lists(newsroom, day),
        {each.slug: each.made_from for each in wanted.editions},
    )
    shelf = published.shelf()
    shelf.put(day, whole)
    return shelf.editions(day)


def _lists(newsroom: Newsroom, day: date) -> TagLists:
    book = newsroom.store.daybook
    return TagLists(
        newest=lambda tag: book.tagged(tag, TAG_ARTICLES),
        marks=lambda tags: book.tag_marks(tags, TAG_ARTICLES),
        carried=lambda: book.tags_between(*bounds(day, newsroom.timezone)),
        labels=newsroom.holdings.labels,
        bare=lambda tags: {tag: newsroom.tagger.label(tag) for tag in book.bare_tags(tags)},
    )


def _kept(published: Site, day: date, wanted: Sequence[Draft]) -> dict[str | None, Edition]:
    """The published editions that would be made from the same as before."""
    shelf = published.shelf()
    before = published.made_from(day, [each.slug for each in wanted])
    same = (each for each in wanted if before[each.slug] == each.made_from)
    found = {each.slug: shelf.edition(day, each.slug) for each in same}
    return {slug: edition for slug, edition in found.items() if edition}


def due_days(newsroom: Newsroom) -> list[date]:
    """The local days to publish now, oldest first.

    Today as it stands, once it has an article or `digest.at` has come, and every recent day that
    was not published as the store has it now: articles came late or changed at its end, its stories
    went on, its tags did, or nobody was there to publish. Days whose articles expire stay as they
    are.
    """
    now = newsroom.now()
    today = now.date()
    stored = newsroom.store.days(newsroom.timezone)
    recent = [today - timedelta(days=back) for back in range(RECENT_DAYS, 0, -1)]
    kept = (now - newsroom.config.settings.keep).date()
    late = [day for day in recent if stored.get(day) and day > kept and is_behind(newsroom, day)]
    begun = today in stored or now.time() >= newsroom.config.digest.at
    return [*late, today] if begun else late


def is_behind(newsroom: Newsroom, day: date) -> bool:
    """Whether a day has articles, and its front page was made from something else than these."""
    (front,) = editions.drafts(newsroom, day, ()).editions
    published = site(newsroom.config).made_from(day, [None])[None]
    return bool(front.ids) and published != front.made_from
