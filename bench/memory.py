"""Documents made to take memory, many at once: how much does a poll take with its workers?

    python bench/memory.py [--copies N] [--size MB]

Every document is served several times, all are due at once, and `aggregator poll` polls them as a
process of its own. Memory is the proportional set size of all its processes (what they share counts
once), looked at fifty times a second; with it, the most that any one process took, and for one copy
the processor time of them all, the start of the poller included.
"""

import argparse
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LOOK = 0.02
ROW = "{:30}{:>6}{:>8}{:>10}{:>9} "
AIM = 300
"""Megabytes that all processes together should stay under."""
FEEDS_YAML = """\
settings:
  poll: {{host-delay: 0s, per-host: 100}}
  network: {{allow: [127.0.0.0/8]}}
feeds:
{feeds}
"""
RSS = "<rss version='2.0'><channel><title>T</title>{}</channel></rss>"
ONE_ENTRY = RSS.replace("{}", "<item><title>One</title>{}</item>")
ONE_ARTICLE = ONE_ENTRY.replace("{}", "<description>{}</description>")
JSON = '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{}{"id": "z"}]}'
TEXT = "Reports of a storm near the coast of the island came in at noon. "


def _filled(shape: str, piece: Callable[[int], str], size: int) -> bytes:
    """A document of about `size` bytes: pieces with numbers, in a shape with one gap."""
    one = len(piece(1_000_000))
    pieces = "".join(piece(number) for number in range(max(size // one, 1)))
    return shape.replace("{}", pieces).encode()


def _item(number: int, inner: str) -> str:
    link = f"https://e.example/{number}"
    return f"<item><title>Item {number}</title><link>{link}</link>{inner}</item>"


DOCUMENTS: Mapping[str, Callable[[int], bytes]] = {
    "long articles": lambda size: _filled(
        RSS, lambda n: _item(n, f"<description>{TEXT * 120}</description>"), size
    ),
    "very many entries": lambda size: _filled(RSS, lambda n: _item(n, ""), size),
    "one article": lambda size: _filled(ONE_ARTICLE, lambda _: TEXT, size),
    "one article with an emoji": lambda size: _filled(
        ONE_ARTICLE.replace("{}", "\N{GRINNING FACE}{}"), lambda _: TEXT, size
    ),
    "references in one article": lambda size: _filled(ONE_ARTICLE, lambda _: "&#38;amp;", size),
    "markup in one article": lambda size: _filled(
        ONE_ARTICLE, lambda n: f"&lt;p&gt;&lt;b&gt;{n}&lt;/b&gt;", size
    ),
    "nested markup in one article": lambda size: _filled(
        ONE_ARTICLE, lambda _: "&lt;div&gt;", size
    ),
    "ampersands": lambda size: _filled(
        RSS, lambda n: _item(n, f"<description><![CDATA[<p>{'&' * 900_000}]]></description>"), size
    ),
    "unknown elements": lambda size: _filled(RSS, lambda _: "<a/>", size),
    "elements in one entry": lambda size: _filled(ONE_ENTRY, lambda n: f"<a{n}>x</a{n}>", size),
    "categories": lambda size: _filled(ONE_ENTRY, lambda n: f"<category>c{n}</category>", size),
    "enclosures": lambda size: _filled(
        ONE_ENTRY, lambda n: f"<media:content url='https://e.example/{n}.mp3'/>", size
    ),
    "authors": lambda size: _filled(ONE_ENTRY, lambda n: f"<author>a{n}@e.example</author>", size),
    "attributes": lambda size: _filled(
        RSS.replace("{}", "<item {}><title>One</title></item>"), lambda n: f"a{n}='' ", size
    ),
    "namespaces": lambda size: _filled(RSS, lambda n: f"<a xmlns:n{n}='urn:{n}'/>", size),
    "comments": lambda size: _filled(ONE_ENTRY, lambda _: "<!---->", size),
    "nested elements": lambda size: RSS.replace("{}", "<a>" * (size // 3)).encode(),
    "nested elements, well-formed": lambda size: RSS.replace(
        "{}", "<a>" * (size // 7) + "</a>" * (size // 7)
    ).encode(),
    "elements nested in an entry": lambda size: ONE_ENTRY.replace(
        "{}", "<a>" * (size // 7) + "</a>" * (size // 7)
    ).encode(),
    "JSON of empty lists": lambda size: _filled(
        JSON.replace("[{}", '[], "x": [{}'), lambda _: "[],", size
    ),
    "JSON nested": lambda size: JSON.replace("{}", "[" * size, 1).encode(),
    "JSON items": lambda size: _filled(JSON, lambda n: f'{{"id":"{n}"}},', size),
    "JSON tags": lambda size: _filled(
        JSON.replace("{}", '{"id": "y", "tags": [{}0]},'), lambda n: f'"{n}",', size
    ),
    "UTF-32": lambda size: RSS.replace("{}", _item(1, TEXT * (size // 260))).encode("utf-32"),
    "no feed": lambda size: b"<p " * (size // 3),
}


@dataclass
class Peaks:
    """The most memory of all processes, of the poller and of one of its workers, in megabytes.

    `seconds` is the processor time of a copy.
    """

    total: float = 0.0
    poller: float = 0.0
    worker: float = 0.0
    seconds: float = 0.0

    def look(self, pid: int) -> None:
        """Look at a process and all that descend from it."""
        sizes = {one: size for one in _tree(pid) if (size := _megabytes(one))}
        self.total = max(self.total, sum(sizes.values()))
        self.poller = max(self.poller, sizes.pop(pid, 0.0))
        self.worker = max(self.worker, *sizes.values(), 0.0)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _tree(int(child))


def _megabytes(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


@contextmanager
def _served(bodies: Mapping[str, bytes]) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies[self.path.split("/")[1]]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def _spent() -> float:
    """Processor seconds of the processes that were started and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _polled(bodies: Mapping[str, bytes], copies: int) -> tuple[Peaks, Counter[str]]:
    """Poll every document so often, all at once; the memory taken, and how often it ended how."""
    with _served(bodies) as url, tempfile.TemporaryDirectory() as directory:
        urls = [f"{url}/{name}/{copy}" for copy in range(copies) for name in bodies]
        feeds = Path(directory) / "feeds.yaml"
        feeds.write_text(FEEDS_YAML.format(feeds="\n".join(f"  - {one}" for one in urls)))
        command = [sys.executable, "-m", "aggregator", "--config", str(feeds), "poll", "--json"]
        told = Path(directory) / "told"
        with told.open("wb") as out:
            process = subprocess.Popen(command, stdout=out)
            peaks, before = Peaks(), _spent()
            while process.poll() is None:
                peaks.look(process.pid)
                time.sleep(LOOK)
        peaks.seconds = (_spent() - before) / copies
        results = json.loads(told.read_bytes())["results"]
    return peaks, Counter(one["error"] or "read" for one in results)


def _tell(name: str, peaks: Peaks, ends: Counter[str]) -> None:
    sizes = (f"{size:.0f}" for size in (peaks.total, peaks.poller, peaks.worker))
    came = "; ".join(ends) if len(ends) < 3 else ""
    print(ROW.format(name, *sizes, f"{peaks.seconds:.1f}"), came, flush=True)


def main() -> None:
    """Poll each kind of document alone, then all together."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--size", type=float, default=9.9, help="megabytes of a document")
    parser.add_argument("--only", nargs="*", choices=DOCUMENTS, default=DOCUMENTS)
    given = parser.parse_args()
    made = {
        str(place): DOCUMENTS[name](int(given.size * 1e6)) for place, name in enumerate(given.only)
    }
    together = {"all of them": made} if len(made) > 1 else {}
    alone = {name: {place: made[place]} for place, name in zip(made, given.only, strict=True)}
    print(ROW.format(f"MB (aim {AIM})", "all", "poller", "a worker", "seconds"), "what came of it")
    for name, bodies in (alone | together).items():
        _tell(name, *_polled(bodies, given.copies))


if __name__ == "__main__":
    main()
