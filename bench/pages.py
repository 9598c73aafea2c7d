"""What pages and answers in JSON take: processor time and size of each, from the application.

    python bench/pages.py path/to/feeds.yaml /feeds/ '/search?q=minister' /api/v1/tags

The first answer, for which templates are compiled, is not counted; the median of the next four is.
"""

import argparse
import asyncio
from pathlib import Path
from statistics import median
from time import process_time

from measure import print_table
from starlette.types import ASGIApp, Message

from aggregator import config
from aggregator.pipeline.newsroom import opened
from aggregator.web import make_app

ROUNDS = 5


def main() -> None:
    """Ask for every path and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("feeds", type=Path)
    arguments.add_argument("paths", nargs="+")
    given = arguments.parse_args()
    with opened(config.load(given.feeds)) as newsroom:
        app = make_app(newsroom)
        rows = [asyncio.run(measured(app, path)) for path in given.paths]
    print_table(("path", "status", "KB", "CPU ms"), rows)


async def measured(app: ASGIApp, path: str) -> tuple[str, ...]:
    """A row of the table."""
    times = []
    for _ in range(ROUNDS):
        started = process_time()
        status, size = await answer(app, path)
        times.append((process_time() - started) * 1000)
    return path, str(status), f"{size / 1000:.0f}", f"{median(times[1:]):.0f}"


async def answer(app: ASGIApp, address: str) -> tuple[int, int]:
    """The status and the size of an answer."""
    path, _, query = address.partition("?")
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": [],
        "root_path": "",
    }
    await app(scope, receive, send)
    return sent[0]["status"], sum(len(message.get("body", b"")) for message in sent[1:])


if __name__ == "__main__":
    main()
