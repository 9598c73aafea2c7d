"""Serves the sample newsroom over HTTP/1.1 on loopback, from a background thread."""

import hashlib
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from urllib.parse import urlsplit

from aggregator.demo import pages
from aggregator.demo.newsroom import IMAGES, Paper
from aggregator.demo.rendering import CONTENT_TYPES, comments_feed, render

HTML = "text/html; charset=utf-8"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Resource:
    """What a path answers with, and the validators of RFC 9110, section 8.8."""

    body: bytes
    content_type: str
    modified: datetime

    @property
    def etag(self) -> str:
        """A strong entity tag of the body."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'

    def is_current(self, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """Whether a client with these request headers has this version (RFC 9110, 13.2.2)."""
        if if_none_match is not None:
            tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
            return bool(tags & {"*", self.etag})
        return if_modified_since is not None and self.modified <= _http_date(if_modified_since)


def _http_date(value: str) -> datetime:
    """The moment of an HTTP date; an invalid one must be ignored (13.1.3), so it is long ago."""
    try:
        return parsedate_to_datetime(value).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def resources(papers: Sequence[Paper], base_url: str) -> dict[str, Resource]:
    """Everything that the newsroom serves, by path."""
    changed = max(paper.changed for paper in papers)
    site = {"/": Resource(pages.front_page(tuple(papers)), HTML, changed)}
    for paper in papers:
        site.update(_paper_resources(paper, base_url))
    for image in sorted(IMAGES.glob("*.svg")):
        site[f"/images/{image.name}"] = Resource(image.read_bytes(), "image/svg+xml", changed)
    return site


def _paper_resources(paper: Paper, base_url: str) -> Iterator[tuple[str, Resource]]:
    feed_type = CONTENT_TYPES[paper.format]
    yield paper.feed_path, Resource(render(paper, base_url), feed_type, paper.changed)
    yield f"/{paper.slug}/", Resource(pages.home_page(paper), HTML, paper.changed)
    for piece in paper.pieces:
        path = f"/{paper.slug}/{piece.slug}"
        modified = piece.updated or piece.published
        yield path, Resource(pages.article_page(paper, piece), HTML, modified)
        if piece.comments is not None and paper.format == "rss2":
            comments = comments_feed(paper, piece, base_url)
            yield f"{path}/comments.xml", Resource(comments, feed_type, modified)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def __init__(self, site: Mapping[str, Resource], *args: object) -> None:
        self.site = site
        super().__init__(*args)  # type: ignore[arg-type]  # as socketserver hands them over

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        resource = self.site.get(path) or self.site.get(f"{path}/")
        if resource is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        headers = self.headers
        current = resource.is_current(headers["If-None-Match"], headers["If-Modified-Since"])
        self.send_response(HTTPStatus.NOT_MODIFIED if current else HTTPStatus.OK)
        self.send_header("ETag", resource.etag)
        self.send_header("Last-Modified", format_datetime(resource.modified, usegmt=True))
        if not current:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(resource.body)))
        self.end_headers()
        if not current and self.command != "HEAD":
            self.wfile.write(resource.body)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the terminal for the command that started the newsroom."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def server_bind(self) -> None:
        """Binds without asking a name server who we are, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of clients that hang up, which is their right."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # handed on


class NewsroomServer:
    """A running newsroom: `with NewsroomServer(papers) as base_url: …`.

    Port 0 takes any free port. Raises OSError when the port is taken.
    """

    def __init__(self, papers: Sequence[Paper], *, port: int = 0) -> None:
        self._papers = papers
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Begins to serve and returns the base URL, without a trailing slash."""
        site: dict[str, Resource] = {}
        self._server = _Server((HOST, self._port), partial(_Handler, site))
        base_url = f"http://{HOST}:{self._server.server_port}"
        site.update(resources(self._papers, base_url))
        serve = partial(self._server.serve_forever, poll_interval=0.05)
        self._thread = threading.Thread(target=serve, name="newsroom", daemon=True)
        self._thread.start()
        return base_url

    def stop(self) -> None:
        """Ends serving; harmless when nothing runs."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
