"""An edition as plain text for a terminal, a pipe or the text part of an e-mail."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from aggregator.model import Brief, Edition, Report, Story
from aggregator.outputs import layout
from aggregator.outputs.columns import DOT, cells, wrap, wrap_items
from aggregator.outputs.wording import count, listed, long_date, moment, plainly, short_name

WIDTH = 80
INDENT = "    "
SOURCES = 5
CHANGES = 2
"""How many changed headlines of a story are told."""
ALSO, TAGS = 20, 12
FRONT = "Front page"

Role = Literal["heading", "headline", "text", "note"]
Line = tuple[Role, str]


def text(editions: Sequence[Edition], width: int = WIDTH, *, links: bool = False) -> str:
    """Returns editions as text in lines of at most `width` columns, URLs excepted.

    With `links` each story ends with the address of its leading report.
    """
    return "".join(f"{line}\n" for _, line in lines(editions, width, links=links))


def lines(
    editions: Iterable[Edition], width: int = WIDTH, *, links: bool = False, reasons: bool = False
) -> Iterator[Line]:
    """Yields the lines of `text`, each with its part in the layout.

    Where there are several editions, topics without a story are named together in the end. With
    `reasons` every story of several reports says what ties them.
    """
    quiet = []
    for number, edition in enumerate(editions):
        if number and not edition.stories:
            quiet.append(title(edition))
            continue
        if number:
            yield "text", ""
        yield from _whole(edition, width, links=links, reasons=reasons)
    if quiet:
        yield "text", ""
        line = plainly(f"Nothing new on {listed(quiet)}.")
        yield from (("note", part) for part in wrap(line, width))


def _whole(edition: Edition, width: int, *, links: bool, reasons: bool) -> Iterator[Line]:
    yield from _opening(edition, width)
    for rank, story in enumerate(edition.stories, 1):
        yield "text", ""
        yield from _story(story, rank, edition, width, links=links, reasons=reasons)
    yield from _closing(edition, width)


def unnamed(edition: Edition) -> str:
    """Returns how many stories there are beyond those that are told or named, empty for none."""
    if len(edition.also) <= ALSO:
        return ""
    return count(edition.found - len(edition.stories) - ALSO, "more story", "more stories")


def title(edition: Edition) -> str:
    """Returns the name of an edition's topic, or that of the front page."""
    return edition.topic.name if edition.topic else FRONT


def _opening(edition: Edition, width: int) -> Iterator[Line]:
    name, day = plainly(title(edition)), long_date(edition.day)
    gap = width - cells(name) - len(day)
    if gap >= 2:
        yield "heading", f"{name}{' ' * gap}{day}"
    else:
        yield from (("heading", line) for line in (*wrap(name, width), day))
    yield "text", "─" * width
    if edition.articles:
        stories = count(edition.found, "story", "stories")
        yield "note", f"{stories} from {layout.extent(edition)}"


def _story(
    story: Story, rank: int, edition: Edition, width: int, *, links: bool, reasons: bool
) -> Iterator[Line]:
    inside = width - len(INDENT)
    place = f"{rank:>2}. "
    head, *rest = wrap(plainly(story.title), width - len(place)) or ["Untitled"]
    yield "headline", f"{place}{head}"
    yield from (("headline", INDENT + line) for line in rest)
    yield from _indented("text", story.summary, inside)
    for line in wrap_items(plainly(sources(story, edition)), inside):
        yield "note", INDENT + line
    for change in changed_headlines(story, edition)[:CHANGES]:
        yield from _indented("note", change, inside)
    if reasons:
        for reason in layout.ties(story):
            for number, line in enumerate(wrap(plainly(reason), inside - 2)):
                yield "note", f"{INDENT}{'  ' if number else '- '}{line}"
    if links and story.url:
        yield "note", INDENT + story.url


def _also(brief: Brief, width: int) -> Iterator[Line]:
    more = f" +{brief.sources - 1}" if brief.sources > 1 else ""
    line = plainly(f"{brief.title or 'Untitled'} ({short_name(brief.feed)}{more})")
    for number, part in enumerate(wrap(line, width - 2)):
        yield "text", f"{'  ' if number else '- '}{part}"


def _indented(role: Role, text: str, width: int) -> Iterator[Line]:
    yield from ((role, INDENT + line) for line in wrap(plainly(text), width))


def sources(story: Story, edition: Edition, most: int = SOURCES) -> str:
    """Returns who reports a story and when: `3 sources: BBC 18:40 · Kyodo 19:02 · …`."""
    zone = ZoneInfo(edition.timezone)
    firsts, first = layout.reports_by_source(story), layout.first_report(story)
    told = DOT.join(_source(report, edition, zone, first) for report in firsts[:most])
    more = f" · +{len(firsts) - most}" if len(firsts) > most else ""
    copies = f" · {carried}" if (carried := layout.copied(story)) else ""
    since = _since(story, edition, zone)
    later = f" · {count(len(story.later), 'report')} since then" if story.later else ""
    return (
        (f"{len(firsts)} sources: " if len(firsts) > 1 else "")
        + told
        + more
        + copies
        + since
        + later
    )


def changed_headlines(story: Story, edition: Edition) -> list[str]:
    """Returns what the headlines of a story's reports were before: `BBC 18:40: was “…”`."""
    zone = ZoneInfo(edition.timezone)
    return [
        f"{short_name(each.feed)} {moment(each.at, zone, edition.day)}: was “{each.before}”"
        for each in story.amended
        if each.before
    ]


def _since(story: Story, edition: Edition, zone: ZoneInfo) -> str:
    if not story.earlier or story.began is None:
        return ""
    began = moment(story.began, zone, edition.day)
    return f" · since {began}, {count(story.earlier, 'earlier report')}"


def _source(report: Report, edition: Edition, zone: ZoneInfo, first: Report | None) -> str:
    came = f"{short_name(report.feed)} {moment(report.date, zone, edition.day)}"
    if first is None or first.feed != report.feed:
        return came
    earlier = f" {moment(first.date, zone, edition.day)}" if first.id != report.id else ""
    return f"{came}, first{earlier}"


def _closing(edition: Edition, width: int) -> Iterator[Line]:
    if not edition.stories:
        yield from (("text", ""), ("text", "A quiet day: nothing new."))
    if edition.also:
        yield from (("text", ""), ("heading", "Also today"))
        for each in edition.also[:ALSO]:
            yield from _also(each, width)
        if more := unnamed(edition):
            yield "note", f"  and {more}"
    if edition.tags:
        yield "text", ""
        tags = ", ".join(f"{label} {number}" for _, label, number in edition.tags[:TAGS])
        yield from (("note", line) for line in wrap(plainly(f"Tags: {tags}"), width))
