"""`feeds`, `articles`, `show`: what the store knows."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import click

from aggregator import schedule
from aggregator.cli import output
from aggregator.cli.common import (
    catch_up,
    instants,
    json_option,
    reading,
    since_option,
    until_option,
    writing,
)
from aggregator.errors import AggregatorError
from aggregator.model import Article, Feed, Health
from aggregator.outputs import feed_shapes, shapes, wording
from aggregator.pipeline import placing, roster, showing
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.tagging import suggested
from aggregator.store import Drift
from aggregator.tags import Suggestion

DRIFTS_SHOWN = 3
LABEL = len("related ")
"""The width of what stands before the facts of an article."""


@click.command()
@click.option("--broken", is_flag=True, help="Only feeds that fail, are gone or fell silent.")
@click.option("--explain", metavar="URL", help="When this feed is polled next, and why.")
@click.option(
    "--undo-drift",
    "drifted",
    metavar="URL",
    help="What this feed brought under new ids are articles of their own.",
)
@json_option
@click.pass_obj
def feeds(
    path: Path, broken: bool, explain: str | None, drifted: str | None, as_json: bool
) -> None:
    """Health of every feed."""
    if drifted is not None:
        _undo_drift(path, drifted, as_json=as_json)
        return
    with reading(path) as newsroom:
        if explain is not None:
            _explain(newsroom, explain, as_json=as_json)
            return
        if as_json:
            output.print_json(roster.listed(newsroom, broken=broken))
            return
        now = newsroom.now()
        shown = roster.feeds(newsroom, broken=broken)
        rows = [_row(feed, health, now) for feed, health in shown]
        if output.is_terminal():
            rows = [(health, f"{name}\n{note}".strip(), *row) for health, name, *row, note in rows]
        output.table(
            ("health", "feed", "articles", "polled", "next", "since"), rows, right=("articles",)
        )


def _row(feed: Feed, health: Health, now: datetime) -> tuple[str, ...]:
    """A feed in a line: its health, its name, its numbers, at the end what is to be noted."""
    return (
        health if feed.active else "off",
        feed.title or feed.url,
        str(feed.articles),
        output.ago(feed.last_poll, now),
        output.ago(feed.next_poll, now) if feed.active and not feed.gone else "–",
        _since(feed, health, now) if feed.active else "–",
        "; ".join(filter(None, (feed.error, *wording.feed_notes(feed)))),
    )


def _undo_drift(path: Path, url: str, *, as_json: bool) -> None:
    with writing(path) as newsroom:
        feed, now = _feed(newsroom, url), newsroom.clock()
        undone = newsroom.store.undo_drifts(
            feed.id, now=now, tagger=lambda one: newsroom.tagger.tags(one, now=now)
        )
        newsroom.index.catch_up()
    if as_json:
        output.print_json({"url": url, "undone": undone})
    elif undone:
        output.print_line(f"{undone} undone: the next poll brings them as articles of their own")
    else:
        output.print_line("nothing to undo: no article of it came with a new id lately")


def _since(feed: Feed, health: Health, now: datetime) -> str:
    began = schedule.healthy_since(feed, health)
    return output.span(max(now - began, timedelta())) if began else "–"


def _explain(newsroom: Newsroom, url: str, *, as_json: bool) -> None:
    feed = _feed(newsroom, url)
    now = newsroom.now()
    if as_json:
        shape = feed_shapes.feed(feed, schedule.health(feed, now))
        drifts = [feed_shapes.drift(one) for one in newsroom.store.drifts(feed.id)]
        output.print_json({**shape, "why": list(feed.why), "drifts": drifts})
        return
    health = schedule.health(feed, now)
    began = schedule.healthy_since(feed, health)
    output.print_line(f"{feed.title or feed.url}: {health}")
    if feed.error:
        times = "once" if feed.failures == 1 else f"{feed.failures} times in a row"
        output.print_line(f"  failed {times}: {feed.error}")
    for note in wording.feed_notes(feed):
        output.print_line(f"  {note}")
    if feed.hub:
        output.print_line(f"  announces new articles through the hub {feed.hub}")
    if began:
        output.print_line(f"  {health} since {_moment(began, newsroom)}")
    output.print_line(f"  last poll  {output.ago(feed.last_poll, now)}")
    output.print_line(f"  next poll  {output.ago(feed.next_poll, now)}")
    for reason in feed.why:
        output.print_line(f"  - {reason}")
    _explain_drifts(newsroom, feed)


def _explain_drifts(newsroom: Newsroom, feed: Feed) -> None:
    times = Counter(drift.at for drift in newsroom.store.drifts(feed.id))
    for at, number in sorted(times.items())[-DRIFTS_SHOWN:]:
        came = "1 article" if number == 1 else f"{number} articles"
        output.print_line(f"  {_moment(at, newsroom)}  {came} recognised under new ids")
    if times:
        output.print_line("  if they are others: aggregator feeds --undo-drift URL")


def _feed(newsroom: Newsroom, url: str) -> Feed:
    known = {feed.url: feed for feed, _ in roster.feeds(newsroom)}
    if url not in known:
        raise AggregatorError(f"no feed {url}{output.did_you_mean(url, known)}")
    return known[url]


@click.command()
@click.option("--feed", "feed_url", metavar="URL", help="Only articles that this feed carried.")
@click.option("--tag", metavar="TAG", help="Only articles with this tag, aliases included.")
@since_option
@until_option
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@click.pass_obj
def articles(
    path: Path,
    feed_url: str | None,
    tag: str | None,
    since: date | timedelta | None,
    until: date | timedelta | None,
    limit: int,
    as_json: bool,
) -> None:
    """List articles, newest first.

    With --json, one JSON object a line.
    """
    with reading(path) as newsroom:
        first, last = instants(since, until, newsroom)
        found = newsroom.holdings.find(
            feed=_feed(newsroom, feed_url).url if feed_url else None,
            tag=newsroom.tagger.slug(tag) if tag else None,
            since=first,
            until=last,
            limit=limit,
        )
        chosen = islice(found, limit)
        if as_json:
            for article in chosen:
                output.print_json_line(shapes.article(article))
            return
        output.table(
            ("id", "date", "feed", "title"),
            [
                (article.id, _moment(article.date, newsroom), shapes.source(article), article.title)
                for article in chosen
            ],
        )


def _moment(moment: datetime, newsroom: Newsroom) -> str:
    return f"{moment.astimezone(newsroom.timezone):%Y-%m-%d %H:%M}"


@click.command()
@click.argument("id")
@click.option("--star/--no-star", default=None, help="Keep it for good, or no longer.")
@json_option
@click.pass_obj
def show(path: Path, id: str, star: bool | None, as_json: bool) -> None:
    """Show one article and where it comes from.

    Its tags with their reasons, its sightings, revisions and story.
    """
    with reading(path) as newsroom:
        if star is not None and newsroom.store.star(id, starred=star):
            catch_up(newsroom)
        article = newsroom.holdings.article(id)
        if article is None:
            raise AggregatorError(f"no article {id}; `aggregator articles` lists them")
        if as_json:
            output.print_json(showing.shown(newsroom, article))
        else:
            suggestions = [each for _, found in suggested(newsroom, [article]) for each in found]
            _show(newsroom, article, suggestions)


def _dates(article: Article, newsroom: Newsroom) -> list[str]:
    """The dates that an article had before its publisher moved them."""
    redated = newsroom.store.daybook.redated([article.id]).get(article.id)
    return [
        f"{_moment(date, newsroom)} until {_moment(replaced, newsroom)}"
        for replaced, date in (redated.earlier if redated else ())
    ]


def _drift(drift: Drift, newsroom: Newsroom) -> str:
    came = f"recognised {_moment(drift.at, newsroom)} in {drift.feed_title or drift.feed_url}"
    link = f", {drift.url} before {drift.old_url}" if drift.url != drift.old_url else ""
    undone = f" (undone {_moment(drift.undone, newsroom)})" if drift.undone else ""
    return f"{came}: {drift.guid} before {drift.old_guid}{link}{undone}"


def _show(newsroom: Newsroom, article: Article, suggestions: Sequence[Suggestion]) -> None:
    lines = [article.title, ""]
    byline = ", ".join(article.authors)
    lines.append(
        " · ".join(filter(None, (byline, _moment(article.date, newsroom), article.language)))
    )
    lines.append(article.url or "(no link)")
    if article.dateline.place or article.dateline.agency:
        parts = (article.dateline.place, article.dateline.agency)
        lines.append("dateline: " + " / ".join(filter(None, parts)))
    output.print_line("\n".join([*lines, ""]))
    for paragraph in filter(None, (article.text or article.summary).split("\n")):
        output.print_folded(paragraph)
        output.print_line("")
    lines = ["starred: it is kept for good"] if article.starred else []
    lines += [f"tag     {tag.label} ({tag.why})" for tag in article.tags]
    lines += [f"might be tagged {each.label} ({each.why})" for each in suggestions]
    lines += [f"seen in {s.feed_title or s.feed_url} as {s.guid}" for s in article.sightings]
    lines += [_drift(drift, newsroom) for drift in newsroom.store.drifts_of(article.id)]
    lines += [f"dated {each}" for each in _dates(article, newsroom)]
    lines += [
        f"changed {_moment(revision.replaced, newsroom)}, before: {revision.title}"
        for revision in newsroom.holdings.revisions(article.id)
    ]
    lines += _story(newsroom, article)
    for line in lines:
        output.print_folded(line, indent=LABEL)


def _story(newsroom: Newsroom, article: Article) -> list[str]:
    """The story of an article: what ties it there, and the stories around."""
    group = placing.group_of(newsroom, article.id)
    if group is None:
        return []
    lines = []
    if len(group.members) > 1:
        lines.append(f"story   {group.id}")
        lines += [f"  told  {each}" for each in group.told(article.id)]
    for link in group.links:
        kind = "earlier" if group.is_earlier(link) else "related"
        words = ", ".join(link.terms)
        lines.append(f"{kind} {link.other} {link.title} ({words}; {link.score:.2f})")
    return lines
