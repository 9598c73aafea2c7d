"""The pages of a desk from a real server on loopback, as a browser asks for them."""

import asyncio
import http.client
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import html5lib

from aggregator import config
from aggregator.pipeline.newsroom import opened
from aggregator.web import Server
from tests.support.newsrooms import Desk

XHTML = "{http://www.w3.org/1999/xhtml}"
GUARDS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src http: https: data:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self):
        return self.body.decode()

    @property
    def page(self):
        return html5lib.parse(self.body)

    @property
    def heading(self):
        return " ".join("".join(self.page.find(f".//{XHTML}h1").itertext()).split())


@dataclass(frozen=True)
class Site:
    desk: Desk
    port: int

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, got, answer.read())
        finally:
            connection.close()


@contextmanager
def serving(desk):
    """The pages of a desk, served from this process."""
    with opened(config.load(desk.config)) as room:
        server = Server(room, host="127.0.0.1", port=0)
        loop = asyncio.new_event_loop()
        stopping = asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=(server(stopping),))
        thread.start()
        try:
            yield Site(desk, int(server.url.rstrip("/").rpartition(":")[2]))
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join()
            loop.close()
