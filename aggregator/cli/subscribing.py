"""`add`, `remove`, `import`, `export`, `plan`: which feeds are followed."""

import re
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, BinaryIO

import click

from aggregator import config, urls
from aggregator.cli import output
from aggregator.cli.common import json_option
from aggregator.cli.polling import run_async
from aggregator.config import Config, Outline, rewriting, values
from aggregator.config.editing import Folder, Item, Line
from aggregator.errors import AggregatorError
from aggregator.outputs.opml import opml
from aggregator.outputs.shapes import timestamp
from aggregator.outputs.wording import printable
from aggregator.pipeline.discover import Found, discover
from aggregator.pipeline.plan import Plan, Step, known_feeds
from aggregator.pipeline.plan import plan as planned
from aggregator.text import shorten

UNRESOLVED = 1
"""The exit code of `add` when there are several feeds and nobody to ask."""
DEEPEST_GROUP = 20
LONGEST_LABEL = 1_000
LARGEST_LIST = 64 * 1024 * 1024
REASONS_SHOWN = 5
BARE_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+\.?(?::\d+)?(?:[/?#].*)?|localhost(?:[:/?#].*)?")


# --- add ----------------------------------------------------------------------------------------


@click.command()
@click.argument("url")
@click.option("--group", metavar="NAME", help="The group that takes it in; made if there is none.")
@click.option("--title", help="Instead of the feed's own title.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="For each of its articles.")
@click.option("-y", "--yes", "--first", "first", is_flag=True, help="Of several, the first.")
@json_option
@click.pass_obj
def add(
    path: Path,
    url: str,
    group: str | None,
    title: str | None,
    tags: tuple[str, ...],
    first: bool,
    as_json: bool,
) -> int | None:
    """Add the feed at URL to feeds.yaml, or a feed of the page there."""
    address = _address(url)
    title = _label(title, "--title") if title is not None else None
    labels = tuple(_label(tag, "--tag") for tag in tags)
    loaded = config.load(path)
    groups = _group_path(path, _label(group, "--group")) if group is not None else ()
    found: Sequence[Found] = ()
    present = chosen = _known(loaded, [address]).get(address)
    if chosen is None:
        found = run_async(discover(loaded, address))
        known = _known(loaded, [feed.url for feed in found])
        chosen = _choice(found, known, first=first, may_ask=not as_json)
        present = known.get(chosen) if chosen else None
    added = None if present else chosen
    if added:
        rewriting.add(path, _grown([(groups, Line(added, title, labels))]))
    if as_json:
        output.print_json(
            {
                "url": url,
                "candidates": [_candidate(feed) for feed in found],
                "added": added,
                "present": present,
            }
        )
    _tell_added(path, found, added=added, present=present, quiet=as_json)
    return None if chosen else UNRESOLVED


def _address(url: str) -> str:
    """The address that a user means, `https://` where there is no scheme."""
    text = url.strip()
    if BARE_HOST.fullmatch(text):
        text = f"https://{text}"
    try:
        values.feed_url(urls.resolve(None, text) or text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="URL") from error
    return urls.resolve(None, text) or text


def _label(text: str, option: str) -> str:
    try:
        return values.label(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _known(loaded: Config, addresses: Iterable[str]) -> dict[str, str]:
    """Those of the addresses that are followed already, with the URLs that feeds.yaml has."""
    followed = {values.identity(one.url): one.url for one in loaded.subscriptions}
    pairs = ((address, followed.get(values.identity(address))) for address in addresses)
    return {address: url for address, url in pairs if url}


def _group_path(path: Path, name: str) -> tuple[str, ...]:
    """The path of the one group of this name, or path with `/`; a new one at the top if none is."""
    paths = list(dict.fromkeys(rewriting.groups(path)))
    for fold in (str, str.casefold):
        matching = [p for p in paths if fold(name) in (fold(p[-1]), fold("/".join(p)))]
        if len(matching) == 1:
            return matching[0]
        if matching:
            ways = ", ".join("/".join(one) for one in matching)
            raise AggregatorError(f"{name} names several groups; name one of {ways}")
    names = {one[-1].casefold(): one[-1] for one in paths}
    if near := get_close_matches(name.casefold(), names, n=1, cutoff=0.8):
        raise AggregatorError(f"no group {name!r} (did you mean {names[near[0]]}?)")
    return (name,)


def _choice(
    found: Sequence[Found], known: dict[str, str], *, first: bool, may_ask: bool
) -> str | None:
    if first or len(found) == 1:
        return found[0].url
    if may_ask and sys.stdin.isatty() and output.is_terminal():
        _list(found, known)
        number = click.prompt("Which one", type=click.IntRange(1, len(found)), default=1)
        return found[number - 1].url
    if may_ask:
        _list(found, known)
    return None


def _list(found: Sequence[Found], known: dict[str, str]) -> None:
    output.table(
        ("", "feed", "type", "entries", "newest", "address", ""),
        [
            (
                str(number),
                feed.title or "",
                feed.kind,
                str(feed.entries),
                f"{feed.newest:%Y-%m-%d}" if feed.newest else "–",
                feed.url,
                "followed already" if feed.url in known else "",
            )
            for number, feed in enumerate(found, start=1)
        ],
        right=("", "entries"),
    )


def _candidate(feed: Found) -> dict[str, Any]:
    return {
        "url": feed.url,
        "title": feed.title,
        "type": feed.kind,
        "entries": feed.entries,
        "newest": timestamp(feed.newest),
    }


def _tell_added(
    path: Path, found: Sequence[Found], *, added: str | None, present: str | None, quiet: bool
) -> None:
    if added is None and present is None:
        output.complain(
            f"{len(found)} feeds: add one by its address, or the first of them with --first"
        )
    elif not quiet and present:
        output.print_line(f"{present} is in {path} already")
    elif not quiet:
        feed = next(one for one in found if one.url == added)
        noun = "entry" if feed.entries == 1 else "entries"
        named = f"{feed.title}, " if feed.title else ""
        output.print_line(f"added {added} to {path} ({named}{feed.entries} {noun})")


# --- remove -------------------------------------------------------------------------------------


@click.command()
@click.argument("url")
@json_option
@click.pass_obj
def remove(path: Path, url: str, as_json: bool) -> None:
    """Take a feed out of feeds.yaml; its articles stay."""
    removed, (file, line) = rewriting.drop(path, url)
    if as_json:
        output.print_json({"url": url, "removed": removed, "file": file, "line": line})
    else:
        output.print_line(f"removed {removed} from {file}; its articles stay")


# --- import and export --------------------------------------------------------------------------


@click.command("import")
@click.argument("file", type=click.File("rb"))
@json_option
@click.pass_obj
def import_(path: Path, file: BinaryIO, as_json: bool) -> None:
    """Add the feeds of an OPML list (- is stdin); nested outlines become groups."""
    loaded = config.load(path)
    seen = {values.identity(subscription.url) for subscription in loaded.subscriptions}
    placed, skipped, present = [], [], 0
    for outline in _outlines(file):
        reason = _fault(outline.url)
        if reason:
            skipped.append(reason)
        elif (key := values.identity(outline.url)) in seen:
            present += 1
        else:
            seen.add(key)
            placed.append((_groups_of(outline), Line(outline.url, _title_of(outline))))
    if placed:
        rewriting.add(path, _grown(placed))
    _tell_skipped(skipped)
    counts = {"added": len(placed), "present": present, "skipped": len(skipped)}
    if as_json:
        output.print_json(counts)
    else:
        output.print_line(f"{path}: " + ", ".join(f"{n} {name}" for name, n in counts.items()))


def _outlines(file: BinaryIO) -> list[Outline]:
    body = file.read(LARGEST_LIST + 1)
    if len(body) > LARGEST_LIST:
        raise AggregatorError(f"{file.name} is larger than {LARGEST_LIST // 1024**2} MB")
    try:
        return config.read_opml(body)
    except ValueError as error:
        raise AggregatorError(f"{file.name}: {error}") from error


def _fault(url: str) -> str:
    """Why an address cannot be followed, '' if it can."""
    try:
        values.feed_url(url)
    except ValueError as error:
        return str(error)
    return ""


def _tell_skipped(reasons: Sequence[str]) -> None:
    for reason in reasons[:REASONS_SHOWN]:
        output.note(f"skipped: {shorten(printable(reason), 200)}")
    if len(reasons) > REASONS_SHOWN:
        output.note(f"skipped: … and {len(reasons) - REASONS_SHOWN:,} more")


def _cleaned(label: str) -> str:
    return shorten(" ".join(printable(label).replace("\x7f", " ").split()), LONGEST_LABEL)


def _title_of(outline: Outline) -> str | None:
    title = _cleaned(outline.title or "")
    return title if title and title != outline.url else None


def _groups_of(outline: Outline) -> tuple[str, ...]:
    return tuple(filter(None, map(_cleaned, outline.groups)))[:DEEPEST_GROUP]


def _grown(placed: Iterable[tuple[tuple[str, ...], Line]]) -> list[Item]:
    """The tree of groups that the feeds stand in, in the order in which they come."""
    inside: dict[tuple[str, ...], list[Item]] = {(): []}

    def items_of(groups: tuple[str, ...]) -> list[Item]:
        if groups not in inside:
            above = items_of(groups[:-1])
            inside[groups] = []
            above.append(Folder(groups[-1], inside[groups]))
        return inside[groups]

    for groups, line in placed:
        items_of(groups).append(line)
    return inside[()]


@click.command()
@json_option
@click.pass_obj
def export(path: Path, as_json: bool) -> None:
    """Print the feeds as OPML, with their groups and titles."""
    loaded = config.load(path)
    feeds = known_feeds(loaded)
    if not as_json:
        output.print_line(opml(loaded.settings.title, loaded.subscriptions, feeds).rstrip("\n"))
        return
    output.print_json(
        [
            {
                "url": one.url,
                "title": one.title or (feeds[one.url].title if one.url in feeds else None),
                "groups": list(one.groups),
            }
            for one in loaded.subscriptions
        ]
    )


# --- plan ---------------------------------------------------------------------------------------


@click.command()
@json_option
@click.pass_obj
def plan(path: Path, as_json: bool) -> None:
    """Show what the next start will add, change and retire; nothing is changed."""
    steps = planned(config.load(path))
    if as_json:
        output.print_json(
            {
                "added": [_step(step) for step in steps.added],
                "changed": [
                    {**_step(step), "changes": list(step.changes)} for step in steps.changed
                ],
                "retired": [{**_step(step), "articles": step.articles} for step in steps.retired],
            }
        )
    else:
        _print_plan(steps)


def _step(step: Step) -> dict[str, Any]:
    return {"url": step.url, "title": step.title}


def _print_plan(steps: Plan) -> None:
    rows = [
        *(("add", step, "") for step in steps.added),
        *(("change", step, ", ".join(step.changes)) for step in steps.changed),
        *(("retire", step, f"{step.articles} articles stay") for step in steps.retired),
    ]
    if rows:
        output.table(
            ("step", "feed", "address", "note"),
            [(verb, step.title or "", step.url, note) for verb, step, note in rows],
        )
    else:
        output.print_line("nothing to do: the store has the feeds of the list")
