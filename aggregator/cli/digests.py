"""`digest` and `stories`: what a day brought."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import click

from aggregator.cli import output
from aggregator.cli.common import Day, day, json_option, reading
from aggregator.errors import AggregatorError
from aggregator.model import Edition, Topic
from aggregator.outputs import shapes
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import editions, publish

date_option = click.option(
    "--date", "when", type=Day(), default="today", show_default=True, help="The local day."
)
topic_option = click.option("--topic", "name", metavar="NAME", help="Only this topic.")


@click.command()
@date_option
@topic_option
@click.option("--open", "in_browser", is_flag=True, help="Open the front page in the browser.")
@json_option
@click.pass_obj
def digest(
    path: Path, when: date | timedelta, name: str | None, in_browser: bool, as_json: bool
) -> None:
    """Build a day's editions and write the pages."""
    with reading(path) as newsroom:
        on = _past(when, newsroom)
        wanted = _topic(newsroom, name)
        built = publish(newsroom, on)
        shown = [e for e in built if wanted is None or e.topic == wanted]
        page = newsroom.config.digest.output / "digest" / on.isoformat() / "index.html"
        if as_json:
            output.print_json([shapes.edition(edition) for edition in shown])
        else:
            _print(shown)
            output.print_line(f"pages: {page}")
        if in_browser:
            output.open_in_browser(page.as_uri())


@click.command()
@date_option
@topic_option
@json_option
@click.pass_obj
def stories(path: Path, when: date | timedelta, name: str | None, as_json: bool) -> None:
    """List the stories of a day.

    With what ties their reports together.
    """
    with reading(path) as newsroom:
        on = _past(when, newsroom)
        wanted = _topic(newsroom, name)
        built = editions(newsroom, on, [wanted] if wanted else [])
        edition = next(e for e in built if e.topic == wanted)
        if as_json:
            output.print_json(shapes.edition(edition))
        else:
            _print([edition], with_reasons=True)


def _past(when: date | timedelta, newsroom: Newsroom) -> date:
    """The local day meant; an edition of a day to come would stay the newest until then."""
    on = day(when, newsroom)
    assert on is not None
    if on > newsroom.now().date():
        raise click.UsageError(f"{on} is still to come")
    return on


def _topic(newsroom: Newsroom, name: str | None) -> Topic | None:
    if name is None:
        return None
    topics = {key: topic for topic in newsroom.config.topics for key in (topic.name, topic.slug)}
    if name not in topics:
        raise AggregatorError(f"no topic {name!r}{output.did_you_mean(name, topics)}")
    return topics[name]


def _print(built: Sequence[Edition], *, with_reasons: bool = False) -> None:
    for edition in built:
        title = edition.topic.name if edition.topic else "Front page"
        output.print_line(f"{title}, {edition.day:%A %-d %B %Y}")
        counts = f"{edition.articles} articles from {edition.sources} sources"
        output.print_line(f"{counts}\n")
        for number, story in enumerate(edition.stories, 1):
            output.print_line(f"{number:>3}. {story.title}")
            output.print_line(f"     {', '.join(story.sources)}")
            if with_reasons:
                for reason in story.why:
                    output.print_line(f"     - {reason}")
        if not edition.stories:
            output.print_line("  nothing on this day")
        output.print_line()
