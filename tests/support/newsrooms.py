"""A newsroom as its user has it: feeds.yaml beside its data, feeds of four formats, commands."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any, Self

from aggregator import cli
from tests.support.server import Answer, Reply, Server, conditional

PATIENCE = 120.0
"""Seconds after which a process that should have done something has failed to."""
DAY: date = datetime.now(UTC).date() - timedelta(days=3)
NOON = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)


# --- feeds --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """An entry before it is written in a format; `hours` counts from noon of `DAY`."""

    title: str
    link: str
    text: str = ""
    hours: float = 0
    tags: tuple[str, ...] = ()
    guid: str | None = None
    author: str | None = None

    @property
    def date(self) -> datetime:
        return NOON + timedelta(hours=self.hours)

    @property
    def key(self) -> str:
        return self.guid or self.link


def rss(title: str, *items: Item) -> bytes:
    """RSS 2.0."""
    written = "".join(
        f"<item><title>{escape(i.title)}</title><link>{escape(i.link)}</link>"
        f'<guid isPermaLink="false">{escape(i.key)}</guid>'
        f"<description>{escape(i.text)}</description>"
        f"<pubDate>{format_datetime(i.date, usegmt=True)}</pubDate>"
        + "".join(f"<category>{escape(tag)}</category>" for tag in i.tags)
        + "</item>"
        for i in items
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://world.example/</link>{written}"
        "</channel></rss>"
    ).encode()


def rdf(title: str, *items: Item) -> bytes:
    """RSS 1.0."""
    written = "".join(
        f'<item rdf:about="{escape(i.key)}"><title>{escape(i.title)}</title>'
        f"<link>{escape(i.link)}</link><description>{escape(i.text)}</description>"
        f"<dc:date>{i.date.isoformat()}</dc:date>"
        + "".join(f"<dc:subject>{escape(tag)}</dc:subject>" for tag in i.tags)
        + "</item>"
        for i in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://purl.org/rss/1.0/">'
        f'<channel rdf:about="https://wire.example/"><title>{escape(title)}</title>'
        f"<link>https://wire.example/</link><description/></channel>{written}</rdf:RDF>"
    ).encode()


def atom(title: str, *items: Item) -> bytes:
    """Atom 1.0."""
    written = "".join(
        f"<entry><title>{escape(i.title)}</title><id>{escape(i.key)}</id>"
        f'<link rel="alternate" href="{escape(i.link)}"/>'
        f"<updated>{i.date.isoformat()}</updated><published>{i.date.isoformat()}</published>"
        f'<content type="html">{escape(i.text)}</content>'
        + (f"<author><name>{escape(i.author)}</name></author>" if i.author else "")
        + "".join(f'<category term="{escape(tag)}"/>' for tag in i.tags)
        + "</entry>"
        for i in items
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f'<title>{escape(title)}</title><link href="https://herald.example/"/>'
        f"<id>https://herald.example/</id><updated>{NOON.isoformat()}</updated>{written}</feed>"
    ).encode()


def json_feed(title: str, *items: Item) -> bytes:
    """JSON Feed 1.1."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": title,
            "home_page_url": "https://tech.example/",
            "items": [
                {
                    "id": i.key,
                    "url": i.link,
                    "title": i.title,
                    "content_html": i.text,
                    "date_published": i.date.isoformat(),
                    "tags": list(i.tags),
                }
                for i in items
            ],
        }
    ).encode()


TALKS = Item(
    "Tehran and Geneva agree on a date for nuclear talks",
    "https://world.example/talks",
    "<p>Iranian diplomats will meet European ministers in Geneva next week, the foreign ministry "
    'in Tehran said.</p><p><img src="https://world.example/talks.jpg" alt="The hall"></p>',
    tags=("Iran", "Diplomacy"),
)
HARBOUR = Item(
    "Harbour of Haifa reopens after the storm",
    "https://world.example/harbour",
    "<p>Ships may enter again from Tuesday morning, the port authority said.</p>",
    hours=-2,
    tags=("Israel",),
)
ELECTION = Item(
    "Parliament votes for an early election",
    "https://world.example/election",
    "<p>Voters go to the polls in <b>March</b>; three parties vote against.</p>",
    hours=-26,
    tags=("Politics",),
)
TALKS_WIRE = Item(
    "Nuclear talks: Tehran and Geneva agree on date",
    "https://wire.example/nuclear-talks",
    "Iranian diplomats and European ministers will meet in Geneva, the foreign ministry in Tehran "
    "said.",
    hours=1,
)
QUAKE = Item(
    "Earthquake shakes villages on Crete",
    "https://wire.example/quake",
    "No one was hurt when an earthquake of magnitude 5 shook villages in the east of Crete.",
    hours=-3,
    tags=("Greece",),
)
WAFER = Item(
    "A plant for semiconductors opens in Dresden",
    "https://herald.example/wafer?utm_source=feed",
    "<p>The fab will make <em>semiconductors</em> for cars; 2,000 people work there.</p>",
    hours=-1,
    tags=("Chips",),
    author="Jana Novak",
)
CAT = Item("Nvidia names a chip after a cat", "https://tech.example/cat", "<p>Purr.</p>", hours=-4)
HEBREW = Item(
    "הבחירות בישראל יתקיימו במרץ",
    "https://tech.example/בחירות",
    "<p>הכנסת אישרה אתמול את מועד הבחירות החדש, ושלוש מפלגות הצביעו נגד.</p>",
    hours=-5,
    tags=("ישראל",),
)
SHARED = replace(HARBOUR, tags=("Shipping",), guid="tag:herald.example,2026:harbour")

FEEDS: Mapping[str, bytes] = {
    "/world.rss": rss("World Desk", TALKS, HARBOUR, ELECTION),
    "/wire.rdf": rdf("The Wire", TALKS_WIRE, QUAKE),
    "/herald.atom": atom("Herald", WAFER, SHARED),
    "/tech.json": json_feed("Tech Notes", CAT, HEBREW),
}
ARTICLES = 8

SECTIONS = """
tags:
  aliases: {Iran: [Islamic Republic], Israel: [ישראל]}
  parents: {Middle East: [Israel, Iran]}
  rules:
    - {tag: Iran, when: 'tehran OR iranian'}
    - {tag: Chips, when: 'semiconductor* OR title:nvidia'}
topics:
  - {name: Middle East, query: 'tag:"Middle East"'}
  - {name: Chips, query: 'tag:Chips'}
  - {name: Cricket, query: cricket}
"""


def conditional_feeds() -> dict[str, Answer]:
    """The four feeds, answering 304 to whoever has them."""
    return {path: conditional(body) for path, body in FEEDS.items()}


# --- commands -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass(frozen=True)
class Desk:
    """A directory with a feeds.yaml, and the commands that its owner calls there."""

    directory: Path
    server: Server | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.directory / "feeds.yaml"

    @property
    def data(self) -> Path:
        return self.directory / "index"

    @property
    def site(self) -> Path:
        return self.directory / "digests"

    def url(self, path: str) -> str:
        assert self.server is not None
        return self.server.url + path

    def write(
        self,
        feeds: Sequence[str | Mapping[str, Any]] = (),
        *,
        poll: Mapping[str, Any] | None = None,
        allow: Sequence[str] = ("127.0.0.0/8",),
        sections: str = SECTIONS,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Write feeds.yaml; feeds are paths of the server, URLs, or mappings with such a `url`."""
        poll = {"host-delay": "0s", "per-host": 8, **(poll or {})}
        network = {"allow": list(allow)}
        general = {"timezone": "UTC", **(settings or {}), "poll": poll, "network": network}
        entries = [self._entry(feed) for feed in feeds]
        self.config.write_text(
            f"settings: {json.dumps(general)}\nfeeds: {json.dumps(entries)}\n{sections}", "utf-8"
        )

    def _entry(self, feed: str | Mapping[str, Any]) -> str | dict[str, Any]:
        if isinstance(feed, str):
            return self.url(feed) if feed.startswith("/") else feed
        return {**feed, "url": self._entry(feed["url"])}

    def run(self, *arguments: str) -> Ran:
        """Run a command in this process."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.run(["--config", str(self.config), *arguments])
        return Ran(code, out.getvalue(), err.getvalue())

    def json(self, *arguments: str) -> Any:
        """The document that a command prints with --json; it must succeed."""
        ran = self.run(*arguments, "--json")
        assert ran.code == 0, ran
        return ran.json

    def poll(self, *arguments: str) -> Any:
        """Poll, every feed where none is named."""
        return self.json("poll", *(arguments or ("--all",)))

    def articles(self) -> list[Any]:
        """What `articles --json` prints."""
        ran = self.run("articles", "--limit", "1000", "--json")
        assert ran.code == 0, ran
        return [json.loads(line) for line in ran.lines]

    def command(self, *arguments: str) -> list[str]:
        """A command line for a process of its own."""
        return [sys.executable, "-m", "aggregator", "--config", str(self.config), *arguments]

    def call(self, *arguments: str) -> Ran:
        """Run a command in a process of its own, its output in pipes."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.directory,
            env=self._environment(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str) -> "Process":
        """Start a command in a process of its own."""
        return Process(
            subprocess.Popen(
                self.command(*arguments),
                cwd=self.directory,
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )

    def _environment(self) -> dict[str, str]:
        ours = {"AGGREGATOR_CONFIG", "NO_COLOR", "FORCE_COLOR", "COLUMNS"}
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        return {**kept, "PYTHONUTF8": "1", **self.environment}


class Process:
    """A command that runs; leaving the `with` block kills it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._told: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._told.append(line.decode().rstrip("\n"))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written to stderr."""
        return "\n".join(self._told)

    def says(self, words: str) -> str:
        """Wait for a line on stderr with these words, and return it."""
        until(lambda: words in self.log or self._process.poll() is not None)
        lines = [line for line in self._told if words in line]
        assert lines, f"never said {words!r}:\n{self.log}"
        return lines[0]

    @property
    def url(self) -> str:
        """Where its pages are."""
        return self.says("pages on").rpartition(" ")[2].rstrip("/")

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for its end; returns the exit code."""
        code = self._process.wait(seconds)
        self._listener.join()
        return code

    def out(self) -> str:
        """What it wrote to stdout, after its end."""
        assert self._process.stdout is not None
        return self._process.stdout.read().decode()


def until(condition: Any, seconds: float = PATIENCE) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@contextlib.contextmanager
def newsroom(directory: Path, routes: Mapping[str, Answer] | None = None) -> Iterator[Desk]:
    """A desk whose feeds.yaml lists every route of its server, by default the four feeds."""
    routes = conditional_feeds() if routes is None else routes
    with Server(routes) as server:
        desk = Desk(directory, server)
        desk.write(list(routes))
        yield desk


def serve(desk: Desk, path: str, body: bytes, **headers: str) -> None:
    """Let the desk's server answer with another body, under another ETag."""
    assert desk.server is not None
    etag = f'"{hash(body):x}"'
    desk.server.routes[path] = conditional(body, etag=etag, **headers)


def fail(desk: Desk, path: str, status: int) -> None:
    """Let the desk's server answer with a failure."""
    assert desk.server is not None
    desk.server.routes[path] = Reply(status, b"no")
