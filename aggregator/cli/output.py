"""Printing: tables on a terminal, plain lines in a pipe, JSON on request; the rest on stderr."""

import difflib
import json
import logging
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import click

from aggregator.outputs.columns import wrap

PLAIN_SEPARATOR = "\t"
BARS = "▁▂▃▄▅▆▇█"
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Characters that turn the direction of what follows them, on a terminal also of other columns."""
_BREAKING = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Line breaks to some readers of JSON, one of which may go by lines."""


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    click.echo(_json(document, indent=2 if sys.stdout.isatty() else None))


def print_json_line(document: object) -> None:
    """Print one JSON document on a line of its own."""
    click.echo(_json(document))


def _json(document: object, indent: int | None = None) -> str:
    return json.dumps(document, ensure_ascii=False, indent=indent).translate(_BREAKING)


def straight(text: str) -> str:
    """A text without the characters that turn the direction of what stands beside it."""
    return text.translate(_TURNING)


def print_line(text: str = "") -> None:
    """Print one line on stdout, without what would turn its direction."""
    click.echo(straight(text))


def print_folded(text: str, indent: int = 0) -> None:
    """Print one line on stdout; on a terminal in lines of its width, all but the first indented.

    The first `indent` characters are a label and stay as they are.
    """
    if not is_terminal():
        print_line(text)
        return
    label, margin = text[:indent], " " * indent
    folded = wrap(text[indent:], shutil.get_terminal_size().columns - indent)
    print_line(label + f"\n{margin}".join(folded))


def complain(message: str) -> None:
    """Print an error on stderr, led by the program's name."""
    click.echo(f"aggregator: {straight(message)}", err=True)


def note(message: str) -> None:
    """Print something on stderr that is not a result."""
    click.echo(straight(message), err=True)


def program() -> list[str]:
    """The command as the user called it, by its shorter path: the relative or the absolute one."""
    as_module = Path(sys.argv[0]).name == "__main__.py"
    path = sys.executable if as_module else sys.argv[0]
    shortest = min(path, os.path.relpath(path), key=len)
    return [shortest, "-m", "aggregator"] if as_module else [shortest]


def is_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout.isatty()


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    nothing: str = "nothing to show",
) -> None:
    """Print rows as a table on a terminal, else as tab-separated lines without a head.

    A person is told when there are none: `nothing`. The columns named in `right` hold numbers.
    """
    if not is_terminal():
        for row in rows:
            print_line(PLAIN_SEPARATOR.join(" ".join(cell.split()) for cell in row))
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="fold",
            no_wrap=column in right,
        )
    for row in rows:
        grid.add_row(*(Text(straight(cell)) for cell in row))
    if grid.row_count:
        console().print(grid)
    else:
        note(nothing)


def console(*, stderr: bool = False) -> "Any":
    """A rich console; it honours NO_COLOR and the width of the terminal."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


class Advance(Protocol):
    """Moves a progress bar on by one step."""

    def __call__(self, step: str = "") -> None:
        """One step done; `step` names it."""


@contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """A progress bar on stderr where a person sees it, else nothing."""
    if not sys.stderr.isatty():
        yield lambda step="": None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[step]}"),
    )
    with Progress(*columns, console=console(stderr=True)) as bar:
        task = bar.add_task(label, total=total, step="")
        yield lambda step="": bar.update(task, advance=1, step=step[:38])
        bar.update(task, step="")


def log_to_stderr(verbose: int) -> None:
    """Send the log to stderr as lines that a person reads: time, message."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(asctime)s %(message)s", "%H:%M:%S", traceback=verbose > 1))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("aggregator").setLevel(logging.DEBUG if verbose else logging.INFO)


class _Formatter(logging.Formatter):
    """Leaves tracebacks to those who asked for them."""

    def __init__(self, message: str, time: str, *, traceback: bool) -> None:
        super().__init__(message, time)
        self._traceback = traceback

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        return super().formatException(ei) if self._traceback else f"{ei[0].__name__}: {ei[1]}"


def log_unexpected(error: Exception) -> None:
    """Log an error that nobody foresaw; its traceback is shown with -vv."""
    if logging.getLogger("aggregator").getEffectiveLevel() <= logging.DEBUG:
        logging.getLogger("aggregator").exception("unexpected error", exc_info=error)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean …?)` with the nearest of `known`, or nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def ago(moment: datetime | None, now: datetime) -> str:
    """A moment as a person says it: `3 min ago`, `in 2 h`, `17 Feb 2026` in the zone of `now`."""
    if moment is None:
        return "–"
    distance = moment - now
    size = abs(distance)
    if size > timedelta(days=7):
        return f"{moment.astimezone(now.tzinfo):%-d %b %Y}"
    amount = span(size)
    return f"in {amount}" if distance > timedelta() else f"{amount} ago"


def span(size: timedelta) -> str:
    """A length of time in its largest fitting unit: `45 s`, `20 min`, `3 h`, `2 d`."""
    seconds = int(size.total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length or (seconds >= length and seconds % length == 0):
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def sparkline(counts: Sequence[int]) -> str:
    """Counts as a row of bars, the tallest of full height; nothing is the lowest line."""
    highest = max(counts, default=0)
    return "".join(
        BARS[-(-count * (len(BARS) - 1) // highest) if highest else 0] for count in counts
    )


def open_in_browser(path: str) -> None:
    """Open a page in the user's browser."""
    click.launch(path)
