"""Servers that speak TLS wrongly or not at all, and certificates that are not to be believed."""

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from tests.support.newsrooms import TALKS, newsroom, rss
from tests.support.server import CERTIFICATE, CERTIFICATES, Reply, Server
from tests.test_fetch import failure

GREETING = 5
"""Bytes of a TLS record's head (RFC 8446, section 5.1): then the client has begun."""
ALERT = bytes.fromhex("15 0301 0002 02")
"""The head of a fatal alert, without its number (RFC 8446, section 6)."""
SERVER_HELLO_WITHOUT_END = bytes.fromhex("16 0303 4000 02 003fff") + bytes(1_000)


@contextmanager
def listener(converse):
    """The port of a server that has this conversation with each of its visitors."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def receive():
            with suppress(OSError):
                while True:
                    visitor, _ = door.accept()
                    with visitor, suppress(OSError):
                        converse(visitor)

        thread = threading.Thread(target=receive)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join()


def saying(words):
    """Say this to whoever greets, and listen until he leaves."""

    def converse(visitor):
        visitor.recv(GREETING)
        visitor.sendall(words)
        while visitor.recv(4_096):
            pass

    return converse


def resetting(visitor):
    visitor.recv(GREETING)
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closing(visitor):
    while len(visitor.recv(4_096)) == 4_096:
        pass


@pytest.mark.parametrize(
    ("converse", "reason"),
    [
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ": it does not speak TLS there"),
        (saying(b"220 mail.example ESMTP\r\n"), ": it does not speak TLS there"),
        (saying(ALERT + b"\x46"), ": its versions of TLS are too old"),
        (saying(ALERT + b"\x70"), ": it does not know this name"),
        (saying(ALERT + b"\x78"), ": it speaks HTTP/2 only"),
        (saying(ALERT + b"\x28"), ""),
        (saying(bytes.fromhex("16 0303 0004 0b000000")), ""),
    ],
)
def test_what_is_no_tls_is_told_in_words(converse, reason):
    with listener(converse) as port:
        error = failure(f"https://127.0.0.1:{port}/")
    assert str(error) == f"no secure connection to 127.0.0.1 could be made{reason}"


@pytest.mark.parametrize("converse", [resetting, closing])
def test_a_handshake_that_is_broken_off_is_told_in_words(converse):
    with listener(converse) as port:
        error = failure(f"https://127.0.0.1:{port}/")
    assert str(error) == "127.0.0.1 broke off the connection"


@pytest.mark.parametrize("converse", [saying(b""), saying(SERVER_HELLO_WITHOUT_END)])
def test_a_handshake_that_does_not_go_on_ends_with_the_time_for_connections(converse):
    with listener(converse) as port:
        limits = {"connect_timeout": timedelta(seconds=0.2)}
        error = failure(f"https://127.0.0.1:{port}/", limits=limits)
    assert str(error) == "127.0.0.1 did not answer in time"


def test_tls_where_plain_http_was_asked_for_is_told_in_words():
    with Server(tls=True) as secure:
        error = failure(f"http://127.0.0.1:{secure.port}/")
    assert str(error).startswith("127.0.0.1 ")


@pytest.mark.parametrize(
    ("name", "trusted", "error"),
    [
        ("localhost", True, None),
        ("localhost", False, "the certificate of localhost is signed by itself only"),
        ("expired", True, "the certificate of localhost has expired"),
        ("early", True, "the certificate of localhost is not valid yet"),
        ("other", True, "the certificate of localhost is for other names"),
    ],
)
def test_a_poll_tells_what_is_wrong_with_a_certificate(tmp_path, name, trusted, error):
    certificate = CERTIFICATES / f"{name}.pem"
    answer = {"/feed": Reply(200, rss("Talks", TALKS))}
    with newsroom(tmp_path, {}) as desk, Server(answer, tls=True, certificate=certificate) as far:
        desk.write([f"https://localhost:{far.port}/feed"], allow=["localhost"])
        if trusted:
            desk.environment["SSL_CERT_FILE"] = str(certificate)
        assert desk.call("poll", "--json").json["results"][0]["error"] == error


def test_a_certificate_for_names_is_none_for_addresses(tmp_path):
    with newsroom(tmp_path, {}) as desk, Server(tls=True) as secure:
        desk.environment["SSL_CERT_FILE"] = str(CERTIFICATE)
        desk.write([f"{secure.url}/feed"])
        (result,) = desk.call("poll", "--json").json["results"]
    assert result["error"] == "the certificate of 127.0.0.1 is for other addresses"
