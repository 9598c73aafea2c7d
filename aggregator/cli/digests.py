"""`digest` and `stories`: what a day brought."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from aggregator.cli import output
from aggregator.cli.common import Day, catch_up, day, json_option, reading
from aggregator.config.models import Email
from aggregator.errors import AggregatorError
from aggregator.model import Edition, Topic
from aggregator.outputs import edition_shapes, plain, wording
from aggregator.outputs.files import replace_file
from aggregator.pipeline import mailing, placing
from aggregator.pipeline.editions import editions
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import publish
from aggregator.pipeline.weekly import publish_week

STYLES: Mapping[plain.Role, dict[str, Any]] = {
    "heading": {"bold": True},
    "headline": {"bold": True},
    "text": {},
    "note": {"dim": True},
}

date_option = click.option(
    "--date", "when", type=Day(), default="today", show_default=True, help="The local day."
)
topic_option = click.option("--topic", "name", metavar="NAME", help="Only this topic.")


@click.command()
@date_option
@topic_option
@click.option("--open", "in_browser", is_flag=True, help="Open the front page in the browser.")
@click.option("--week", is_flag=True, help="The summary of the week that ends with the day.")
@click.option("--mail", is_flag=True, help="Send its letters, each once, as `email:` says.")
@click.option(
    "--preview",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write its letters into this directory instead.",
)
@json_option
@click.pass_obj
def digest(
    path: Path,
    when: date | timedelta,
    name: str | None,
    in_browser: bool,
    week: bool,
    mail: bool,
    preview: Path | None,
    as_json: bool,
) -> None:
    """Build a day's editions and write the pages."""
    if mail and preview:
        raise click.UsageError("--preview writes letters instead of sending them: leave out --mail")
    with reading(path) as newsroom:
        if mail or preview:
            _email(newsroom)
        on = _past(when, newsroom)
        wanted = _topic(newsroom, name)
        built = publish_week(newsroom, on).editions if week else publish(newsroom, on)
        shown = [e for e in built if wanted is None or e.topic == wanted]
        kind = "week" if week else "digest"
        page = newsroom.config.digest.output / kind / on.isoformat() / "index.html"
        if as_json:
            output.print_json([edition_shapes.edition(edition) for edition in shown])
        else:
            if week:
                output.print_line(f"The week to {wording.long_date(on)}")
            _print(shown)
            if built:
                output.print_line(f"pages: {page}")
            else:
                output.note("no day of that week was published: nothing to sum up")
        if mail:
            _mail(newsroom, on, week=week)
        if preview:
            _preview(newsroom, on, preview, week=week)
        if in_browser:
            output.open_in_browser(page.as_uri())


@click.command()
@date_option
@topic_option
@click.option("--split", metavar="ID", help="Make the ARTICLEs of this story one of their own.")
@click.option("--merge", nargs=2, metavar="ID ID", help="Make two stories one, for good.")
@click.option("--rebuild", is_flag=True, help="Place every article anew; what you decided stays.")
@click.argument("articles", nargs=-1, metavar="[ARTICLE]…")
@json_option
@click.pass_obj
def stories(
    path: Path,
    when: date | timedelta,
    name: str | None,
    split: str | None,
    merge: tuple[str, str] | None,
    rebuild: bool,
    articles: tuple[str, ...],
    as_json: bool,
) -> None:
    """List the stories of a day.

    With what ties their reports together; or change what the reports of a story are.
    """
    if bool(split) != bool(articles):
        raise click.UsageError("--split names a story and its articles that leave: ID ARTICLE…")
    if sum(map(bool, (split, merge, rebuild))) > 1:
        raise click.UsageError("one of --split, --merge and --rebuild at a time")
    with reading(path) as newsroom:
        if split or merge or rebuild:
            _decide(newsroom, split, articles, merge, as_json=as_json)
            return
        on = _past(when, newsroom)
        wanted = _topic(newsroom, name)
        built = editions(newsroom, on, [wanted] if wanted else [])
        edition = next(e for e in built if e.topic == wanted)
        if as_json:
            output.print_json(edition_shapes.edition(edition))
        else:
            _print([edition], with_reasons=True)


def _email(newsroom: Newsroom) -> Email:
    if newsroom.config.email is None:
        raise click.UsageError("feeds.yaml has no section `email:` that says whom and how")
    return newsroom.config.email


def _mail(newsroom: Newsroom, on: date, *, week: bool) -> None:
    """Send the letters of a day and say how they stand; raises AggregatorError if some failed."""
    deliver = mailing.deliver_week if week else mailing.deliver
    mailings = deliver(newsroom, _email(newsroom), on, at_once=True)
    for each in mailings:
        about = f" about {'the week' if week else each.topic}" if each.topic else ""
        reason = f": {each.error}" if each.error else ""
        output.note(f"letter to {each.recipient}{about}: {each.state}{reason}")
    if not mailings:
        output.note("no letters: nothing to tell")
    failed = sum(each.state != "sent" for each in mailings)
    if failed:
        raise AggregatorError(f"{failed} of {len(mailings)} letters were not delivered")


def _preview(newsroom: Newsroom, on: date, directory: Path, *, week: bool) -> None:
    """Write the letters of a day as a mailbox would get them, and as pages for the browser."""
    letters = mailing.drafts(newsroom, _email(newsroom), on, week=week)
    for number, letter in enumerate(letters, 1):
        name = directory / f"{'week' if week else 'letter'}-{on}-{number}"
        replace_file(name.with_suffix(".eml"), letter.as_bytes())
        page = letter.get_body(("html",))
        assert page is not None
        replace_file(name.with_suffix(".html"), page.get_content().encode())
        output.note(f"letter to {letter['To']}: {name}.eml and .html")
    if not letters:
        output.note("no letters: nothing to tell")


def _decide(
    newsroom: Newsroom,
    split: str | None,
    articles: Sequence[str],
    merge: tuple[str, str] | None,
    *,
    as_json: bool,
) -> None:
    """Split, merge or rebuild, and tell what came of it."""
    if split:
        new = placing.split(newsroom, split, articles)
        number = len(newsroom.store.places.members([new]))
        told: dict[str, Any] = {"story": new, "articles": number}
        line = f"story {new}: {wording.count(number, 'article')} of {split}"
    elif merge:
        number = placing.merge(newsroom, *merge)
        told = {"story": merge[0], "articles": number}
        line = f"story {merge[0]}: {wording.count(number, 'article')}"
    else:
        moved = placing.rebuild(newsroom)
        told = {"moved": moved}
        line = f"{wording.count(moved, 'article')} moved to another story"
    catch_up(newsroom)
    if as_json:
        output.print_json(told)
    else:
        output.print_line(line)


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
    console = output.console()
    width = min(console.width, plain.WIDTH) if output.is_terminal() else plain.WIDTH
    for role, line in plain.lines(built, width, reasons=with_reasons):
        output.print_line(click.style(line, **STYLES[role]) if _styled(console) else line)


def _styled(console: Any) -> bool:
    return output.is_terminal() and not console.no_color
