"""An edition as Markdown (CommonMark 0.31)."""

import re
from collections.abc import Iterator, Sequence

from aggregator.model import Brief, Edition, Report, Story
from aggregator.outputs import layout, plain
from aggregator.outputs.wording import count, long_date, printable, short_name, web_address

_SPECIAL = re.compile(
    r"[\\`*_\[\]<~@]|&(?=#|\w+;)|^[-+#>=]"
    r"|(?<= )#(?=#*$)"  # what closes a heading
    r"|:(?=//)|(?<=www)\.",  # what GitHub makes a link of
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
_UNSAFE_IN_URL = re.compile(r"[\s<>()\\]")


def markdown(editions: Sequence[Edition]) -> str:
    """Returns editions as one document; nothing that a feed wrote becomes markup or HTML."""
    return printable("\n".join(line for edition in editions for line in _edition(edition)))


def escaped(text: str) -> str:
    """Returns text on one line with what would be markup where it stands escaped."""
    line = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    return _NUMBER.sub(r"\1\\\2", line)


def _edition(edition: Edition) -> Iterator[str]:
    yield f"# {escaped(plain.title(edition))}, {long_date(edition.day)}\n"
    yield f"{count(edition.found, 'story', 'stories')} from {layout.extent(edition)}\n"
    for story in edition.stories:
        yield from _story(story, edition)
    if not edition.stories:
        yield "A quiet day: nothing new.\n"
    if edition.also:
        yield "## Also today\n"
        yield from (_also(each) for each in edition.also[: plain.ALSO])
        yield ""
        if more := plain.unnamed(edition):
            yield f"And {more}\n"
    if edition.tags:
        yield "Tags: " + ", ".join(escaped(label) for _, label, _ in edition.tags) + "\n"


def _story(story: Story, edition: Edition) -> Iterator[str]:
    yield f"## {_link(story.title, story.url)}\n"
    if story.summary:
        yield f"{escaped(story.summary)}\n"
    if len(story.reports) < 2:
        yield f"{escaped(plain.sources(story, edition))}\n"
    else:
        yield from (_report(report) for report in layout.reports_by_source(story))
        if carried := layout.copied(story):
            yield f"- {escaped(carried)}"
        yield ""
    for change in plain.changed_headlines(story, edition):
        yield f"{escaped(change)}\n"
    if story.later:
        yield "Since then:\n"
        yield from (_report(report) for report in story.later)
        yield ""


def _also(brief: Brief) -> str:
    return f"- {_link(brief.title, brief.url)} {escaped(short_name(brief.feed))}"


def _report(report: Report) -> str:
    return f"- {escaped(short_name(report.feed))}: {_link(report.title, report.url)}"


def _link(title: str, url: str | None) -> str:
    words = escaped(title) or "Untitled"
    target = web_address(url)
    if target is None:
        return words
    return f"[{words}](<{_UNSAFE_IN_URL.sub(_percent, target)}>)"


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
