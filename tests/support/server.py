"""A real HTTP server on loopback, in a thread, that answers well or badly as it is told."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CERTIFICATES = Path(__file__).parent / "certificates"
"""Self-signed certificates with their keys, for `localhost` but for one."""
CERTIFICATE = CERTIFICATES / "localhost.pem"
"""One that is valid until 2126."""


@dataclass(frozen=True)
class Asked:
    """A request as it came; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Reply:
    """An answer: `pause` seconds first, `drip` seconds after every byte, `cut` after that many.

    `raw` replaces everything, head included. A `length` other than the body's is a lie. What
    `stream` yields follows until the client hangs up.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    drip: float = 0.0
    cut: int | None = None
    length: int | None = None
    raw: bytes | None = None
    stream: Callable[[], Iterator[bytes]] | None = None


Answer = Reply | Callable[[Asked], Reply]
PATIENCE = 30.0
"""Seconds that requests wait for others."""


class Server:
    """`with Server({"/feed": Reply(...)}) as server:` serves on `server.url`, a free port.

    Routes may be changed while it runs; `asked` lists the requests, `busiest` says how many were
    answered at the same time at most.
    """

    def __init__(
        self,
        routes: Mapping[str, Answer] = {},
        *,
        tls: bool = False,
        certificate: Path = CERTIFICATE,
        host: str = "127.0.0.1",
    ) -> None:
        self.routes = dict(routes)
        self.asked: list[Asked] = []
        self.busiest = 0
        self._busy = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _QuietServer((host, 0), self._handler())
        self._scheme = "https" if tls else "http"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self._server.server_address[0]}:{self.port}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
        try:
            answer = self.routes.get(asked.path.partition("?")[0], Reply(404, b"nothing here"))
            reply = answer(asked) if callable(answer) else answer
            self._stopping.wait(reply.pause)
            return reply
        finally:
            with self._lock:
                self._busy -= 1

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._send(server.answer(Asked(self.command, self.path, headers)))

            do_POST = do_HEAD = do_CONNECT = do_GET  # noqa: N815 - names that http.server calls

            def _send(self, reply: Reply) -> None:
                data = _bytes(reply) if reply.raw is None else reply.raw
                cut = len(data) if reply.cut is None else len(data) - len(reply.body) + reply.cut
                if reply.drip:
                    for byte in data[:cut]:
                        self.wfile.write(bytes((byte,)))
                        if server._stopping.wait(reply.drip):
                            break
                else:
                    self.wfile.write(data[:cut])
                for piece in reply.stream() if reply.stream else ():
                    if server._stopping.is_set():
                        break
                    self.wfile.write(piece)
                if reply.cut is not None or reply.raw is not None:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Keep quiet: tests look at `asked`."""

        return Handler


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are part of the tests."""


def _bytes(reply: Reply) -> bytes:
    length = len(reply.body) if reply.length is None else reply.length
    headers = {"Content-Length": str(length), "Content-Type": "application/xml", **reply.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Whatever\r\n{head}\r\n".encode("latin-1") + reply.body


def conditional(body: bytes, *, etag: str = '"1"', **headers: str) -> Callable[[Asked], Reply]:
    """Answer 304 to whoever knows the ETag already."""

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, headers={"ETag": etag, **headers})
        return Reply(200, body, {"ETag": etag, **headers})

    return answer


def together(number: int, reply: Reply) -> Callable[[Asked], Reply]:
    """Answer once so many requests are open at the same time; 500 when they never are."""
    barrier = threading.Barrier(number)

    def answer(_: Asked) -> Reply:
        try:
            barrier.wait(PATIENCE)
        except threading.BrokenBarrierError:
            return Reply(500)
        return reply

    return answer


def rss(title: str, *items: Mapping[str, object], head: str = "") -> bytes:
    """Return an RSS 2.0 feed; items have `title`, `link`, `guid`, `text`, `date`, `tags`."""
    written = "\n".join(_item(item) for item in items)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(title)}</title><link>https://example.org/</link>{head}\n"
        f"{written}\n</channel></rss>\n"
    ).encode()


def _item(item: Mapping[str, object]) -> str:
    names = {"title": "title", "link": "link", "guid": "guid", "text": "description"}
    parts = [
        f"<{element}>{escape(str(item[name]))}</{element}>"
        for name, element in names.items()
        if item.get(name) is not None
    ]
    if isinstance(moment := item.get("date"), datetime):
        parts.append(f"<pubDate>{format_datetime(moment.astimezone(UTC), usegmt=True)}</pubDate>")
    tags = item.get("tags") or ()
    assert isinstance(tags, list | tuple)
    parts += [f"<category>{escape(str(tag))}</category>" for tag in tags]
    return f"<item>{''.join(parts)}</item>"
