import asyncio
import gzip
import threading
import zlib
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from itertools import repeat
from time import monotonic

import brotli
import pytest

from aggregator.errors import FetchError
from aggregator.fetch import Client, Limits, Request, Room
from aggregator.fetch.bodies import zstd
from aggregator.model import Validators
from tests.support.newsrooms import until
from tests.support.server import PATIENCE, Reply, Server, conditional, together

FAST = {"host_delay": timedelta(), "allow": ("127.0.0.0/8",), "timeout": timedelta(seconds=60)}


def fetch(url, *, limits=None, **request):
    async def main():
        async with Client(Limits(**{**FAST, **(limits or {})})) as client:
            return await client.fetch(Request(url, **request))

    return asyncio.run(main())


def failure(url, **options):
    with pytest.raises(FetchError) as caught:
        fetch(url, **options)
    return caught.value


@pytest.fixture
def server():
    with Server() as running:
        yield running


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_comes_with_its_body_type_and_validators(server):
    server.routes["/feed"] = Reply(
        200,
        b"<rss/>",
        {
            "Content-Type": "text/xml; charset=utf-8",
            "ETag": 'W/"7"',
            "Last-Modified": "Tue, 17 Feb 2026 10:00:00 GMT",
            "Cache-Control": "public, max-age=600",
        },
    )
    response = fetch(f"{server.url}/feed")
    assert (response.status, response.body) == (200, b"<rss/>")
    assert response.content_type == "text/xml; charset=utf-8"
    assert response.validators == Validators(
        'W/"7"', "Tue, 17 Feb 2026 10:00:00 GMT", sha256(b"<rss/>").digest()[:16]
    )
    assert response.max_age == timedelta(minutes=10)
    assert (response.url, response.moved_to) == (f"{server.url}/feed", None)
    assert 0 < response.seconds < 5


def test_we_say_who_we_are_and_what_we_read_and_keep_no_cookies(server):
    server.routes["/feed"] = Reply(200, b"x", {"Set-Cookie": "id=1"})

    async def main():
        async with Client(Limits(**FAST, user_agent="aggregator/9 (+https://us)")) as client:
            for _ in range(2):
                await client.fetch(Request(f"{server.url}/feed"))

    asyncio.run(main())
    headers = server.asked[1].headers
    assert headers["user-agent"] == "aggregator/9 (+https://us)"
    assert "application/atom+xml" in headers["accept"]
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert not {"cookie", "if-none-match", "if-modified-since"} & set(headers)


def test_validators_make_the_request_conditional_and_304_keeps_them(server):
    server.routes["/feed"] = conditional(b"<rss/>", etag='"a"')
    known = Validators('"a"', "Tue, 17 Feb 2026 10:00:00 GMT", b"hash")
    response = fetch(f"{server.url}/feed", validators=known)
    assert (response.status, response.body, response.validators) == (304, None, known)
    assert server.asked[0].headers["if-modified-since"] == "Tue, 17 Feb 2026 10:00:00 GMT"


def test_a_304_that_nobody_asked_for_is_a_failure(server):
    server.routes["/feed"] = Reply(304)
    assert failure(f"{server.url}/feed").status == 304


def test_an_unchanged_body_is_not_handed_out_again(server):
    server.routes["/feed"] = Reply(200, b"<rss/>", {"ETag": '"new"'})
    first = fetch(f"{server.url}/feed")
    again = fetch(f"{server.url}/feed", validators=first.validators)
    assert first.body == b"<rss/>"
    assert (again.status, again.body, again.validators) == (200, None, first.validators)


@pytest.mark.parametrize("odd", ["caf\xe9", "a\tb", "x" * 1025])
def test_validators_that_cannot_be_sent_back_are_dropped(server, odd):
    server.routes["/feed"] = Reply(200, b"<rss/>", {"ETag": odd, "Last-Modified": odd})
    response = fetch(f"{server.url}/feed")
    assert response.validators == Validators(None, None, sha256(b"<rss/>").digest()[:16])
    server.routes["/feed"] = Reply(304, b"", {"ETag": odd})
    response = fetch(f"{server.url}/feed", validators=Validators(etag='"good"'))
    assert response.validators.etag == '"good"'


@pytest.mark.parametrize(
    ("name", "value"),
    [("ETag", "*"), ("Last-Modified", "Fri, 31 Dec 9999 23:59:59 GMT")],
)
def test_validators_that_would_fit_every_document_are_dropped(server, name, value):
    server.routes["/feed"] = Reply(200, b"<rss/>", {name: value})
    validators = fetch(f"{server.url}/feed").validators
    assert (validators.etag, validators.last_modified) == (None, None)


def test_the_etag_of_a_304_is_not_taken_for_that_of_the_document_we_have(server):
    server.routes["/feed"] = Reply(304, headers={"ETag": '"newer"', "Last-Modified": "now"})
    known = Validators('"ours"', None, b"hash")
    assert fetch(f"{server.url}/feed", validators=known).validators == known


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Length: 6", b"<rss/>"),
        ("Transfer-Encoding: chunked", b"0\r\n\r\n"),
        ("X: y", b"x"),
    ],
)
def test_what_follows_a_304_is_left_alone(server, head, body):
    answer = b"HTTP/1.1 304 Not Modified\r\n%b\r\n\r\n%b" % (head.encode(), body)
    server.routes["/feed"] = Reply(raw=answer)
    known = Validators('"ours"')
    assert fetch(f"{server.url}/feed", validators=known).status == 304


def test_interim_answers_come_before_the_answer(server):
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" * 3
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>"
    server.routes["/feed"] = Reply(raw=interim + answer)
    assert fetch(f"{server.url}/feed").body == b"<rss/>"


@pytest.mark.parametrize("status", [b"100 Continue", b"103 Early Hints"])
def test_interim_answers_without_end_are_not_waited_for(server, status):
    answer = b"HTTP/1.1 %b\r\n\r\n" % status
    server.routes["/feed"] = Reply(raw=b"", stream=lambda: repeat(answer * 500))
    reason = str(failure(f"{server.url}/feed", limits={"timeout": timedelta(hours=1)}))
    assert reason == "127.0.0.1 sent interim answers without end"


def test_a_body_in_endlessly_many_pieces_is_not_put_together(server):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.routes["/feed"] = Reply(raw=head, stream=lambda: repeat(b"1\r\nx\r\n" * 20_000))
    limits = {"timeout": timedelta(hours=1), "max_size": 1_000_000_000}
    reason = str(failure(f"{server.url}/feed", limits=limits))
    assert reason == "127.0.0.1 sent an answer in too many pieces"


def test_validators_that_a_server_stops_sending_are_forgotten(server):
    server.routes["/feed"] = Reply(200, b"new")
    response = fetch(f"{server.url}/feed", validators=Validators('"old"', "yesterday", b"old"))
    assert (response.validators.etag, response.validators.last_modified) == (None, None)


def test_203_is_an_answer_too(server):
    server.routes["/feed"] = Reply(203, b"x")
    assert fetch(f"{server.url}/feed").body == b"x"


@pytest.mark.parametrize(
    ("span", "whole"),
    [
        ("bytes 0-5/6", True),
        ("bytes 0-4/6", False),
        ("bytes 0-5/7", False),
        ("bytes 1-6/7", False),
        ("bytes 0-5/*", False),
        ("", False),
    ],
)
def test_206_is_an_answer_only_with_everything_in_it(server, span, whole):
    server.routes["/feed"] = Reply(206, b"<rss/>", {"Content-Range": span} if span else {})
    if whole:
        assert fetch(f"{server.url}/feed").body == b"<rss/>"
    else:
        assert str(failure(f"{server.url}/feed")) == "the server says 206 Partial Content"


# --- statuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, "the server says 204 No Content"),
        (226, "the server says 226 IM Used"),
        (401, "the server says 401 Unauthorized"),
        (403, "the server says 403 Forbidden"),
        (404, "the server says 404 Not Found"),
        (410, "the server says 410 Gone"),
        (429, "the server says 429 Too Many Requests"),
        (500, "the server says 500 Internal Server Error"),
        (599, "the server says 599"),
    ],
)
def test_every_other_status_is_a_failure_in_words(server, status, reason):
    server.routes["/feed"] = Reply(status)
    error = failure(f"{server.url}/feed")
    assert (str(error), error.status, error.url) == (reason, status, f"{server.url}/feed")


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("999999999999", timedelta(hours=24)),
        ("Fri, 31 Dec 2100 23:59:59 GMT", timedelta(hours=24)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", timedelta()),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_capped(server, value, wait):
    server.routes["/feed"] = Reply(503, headers={"Retry-After": value})
    assert failure(f"{server.url}/feed").retry_after == wait


def test_a_retry_after_date_counts_from_the_servers_own_clock(server):
    headers = {
        "Date": "Tue, 17 Feb 2026 10:00:00 GMT",
        "Retry-After": "Tue, 17 Feb 2026 10:05:00 GMT",
    }
    server.routes["/feed"] = Reply(503, headers=headers)
    assert failure(f"{server.url}/feed").retry_after == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("headers", "age"),
    [
        ({"Cache-Control": "max-age=300"}, timedelta(minutes=5)),
        ({"Cache-Control": 'private, MAX-AGE="300"'}, timedelta(minutes=5)),
        ({"Cache-Control": "max-age=300", "Age": "100"}, timedelta(seconds=200)),
        ({"Cache-Control": "max-age=300", "Age": "400"}, None),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "no-cache, max-age=300"}, None),
        ({"Cache-Control": "s-maxage=300"}, None),
        (
            {
                "Date": "Tue, 17 Feb 2026 10:00:00 GMT",
                "Expires": "Tue, 17 Feb 2026 11:00:00 GMT",
            },
            timedelta(hours=1),
        ),
        ({"Expires": "0"}, None),
        ({}, None),
    ],
)
def test_how_long_an_answer_stays_fresh(server, headers, age):
    server.routes["/feed"] = Reply(200, b"x", headers)
    assert fetch(f"{server.url}/feed").max_age == age


# --- redirects ----------------------------------------------------------------------------------


def redirect(status, location):
    return Reply(status, headers={"Location": location})


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ([301], "/1"),
        ([308, 301], "/2"),
        ([302], None),
        ([303], None),
        ([307], None),
        ([301, 302, 301], "/1"),
        ([302, 301], None),
    ],
)
def test_only_an_unbroken_chain_of_permanent_redirects_moves_a_feed(server, statuses, moved_to):
    for number, status in enumerate(statuses):
        server.routes[f"/{number}"] = redirect(status, f"/{number + 1}")
    last = f"/{len(statuses)}"
    server.routes[last] = Reply(200, b"here")
    response = fetch(f"{server.url}/0")
    assert (response.url, response.body) == (server.url + last, b"here")
    assert response.moved_to == (moved_to and server.url + moved_to)


def test_redirects_are_followed_five_times_and_no_more(server):
    for number in range(7):
        server.routes[f"/{number}"] = redirect(302, f"/{number + 1}")
    server.routes["/5"] = Reply(200, b"here")
    assert fetch(f"{server.url}/0").body == b"here"
    server.routes["/5"] = redirect(302, "/6")
    assert str(failure(f"{server.url}/0")) == "redirects more than 5 times"
    assert "/6" not in server.paths()


def test_a_circle_is_noticed_at_once(server):
    server.routes["/a"], server.routes["/b"] = redirect(301, "/b"), redirect(301, "/a#x")
    assert str(failure(f"{server.url}/a")) == "redirects in a circle"
    assert server.paths() == ["/a", "/b"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("", "redirects, but does not say where"),
        ("ftp://example.org/", "redirects to an address that is not http or https"),
        ("file:///etc/passwd", "redirects to an address that is not http or https"),
        ("javascript:alert(1)", "redirects to an address that is not http or https"),
        ("http://[half/", "redirects to an address that is not valid"),
        ("http://[:::::::]/", "redirects to an address that is not valid"),
        ("http://xn--a.example/", "redirects to an address that is not valid"),
        ("/" + "a" * 4_096, "redirects to an address longer than 4,096 characters"),
    ],
)
def test_redirects_to_nowhere_are_failures(server, location, reason):
    server.routes["/feed"] = redirect(301, location)
    assert str(failure(f"{server.url}/feed")) == reason


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/caf\xe9?q=\xfc".encode("latin-1"), "/caf%E9?q=%FC"),
        ("/café/世".encode(), "/caf%C3%A9/%E4%B8%96"),
        (b"/caf%E9", "/caf%E9"),
    ],
)
def test_raw_bytes_in_a_redirect_are_sent_back_as_they_came(server, location, path):
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
    server.routes["/feed"] = Reply(raw=head + location + b"\r\n\r\n")
    server.routes[path.partition("?")[0]] = Reply(200, b"here")
    assert fetch(f"{server.url}/feed").body == b"here"
    assert server.paths()[-1] == path


def test_headers_and_credentials_stay_with_their_origin(server):
    with Server({"/other": Reply(200, b"x")}) as other:
        server.routes["/feed"] = redirect(302, "/same")
        server.routes["/same"] = redirect(302, f"{other.url}/other")
        url = server.url.replace("http://", "http://user:secret@") + "/feed"
        response = fetch(url, headers=(("X-Token", "secret"),))
    assert [asked.headers.get("x-token") for asked in server.asked] == ["secret", "secret"]
    assert all(asked.headers["authorization"].startswith("Basic ") for asked in server.asked)
    assert not {"x-token", "authorization"} & set(other.asked[0].headers)
    assert "secret" not in response.url


def test_credentials_in_the_address_stay_in_it_when_a_feed_moves_within_its_site(server):
    server.routes["/feed"], server.routes["/new"] = redirect(301, "/new"), Reply(200, b"x")
    url = server.url.replace("http://", "http://user:secret@")
    response = fetch(f"{url}/feed")
    assert response.moved_to == f"{url}/new"
    assert response.url == f"{server.url}/new"


def test_own_headers_replace_ours(server):
    server.routes["/feed"] = Reply(200, b"x")
    fetch(f"{server.url}/feed", headers=(("user-agent", "mine"),))
    assert server.asked[0].headers["user-agent"] == "mine"


# --- bounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:])),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("br", brotli.compress),
        ("zstd", zstd.compress),
        ("zstd", lambda data: zstd.compress(data[:100]) + zstd.compress(data[100:])),
        ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
        (
            "identity, deflate, zstd, gzip",
            lambda data: gzip.compress(zstd.compress(zlib.compress(data))),
        ),
    ],
)
def test_bodies_are_decompressed_and_bounded_by_their_decompressed_size(server, encoding, compress):
    server.routes["/feed"] = Reply(200, compress(b"x" * 5000), {"Content-Encoding": encoding})
    server.routes["/bomb"] = Reply(200, compress(bytes(20_000_000)), {"Content-Encoding": encoding})
    assert fetch(f"{server.url}/feed").body == b"x" * 5000
    error = failure(f"{server.url}/bomb", limits={"max_size": 1_000_000})
    assert str(error) == "is larger than 1 MB"


def test_a_bomb_in_the_inner_of_two_encodings_is_bounded(server):
    flat = gzip.compress(bytes(200_000_000), compresslevel=9)
    assert len(brotli.compress(flat)) < 20_000 < len(flat)
    server.routes["/feed"] = Reply(200, brotli.compress(flat), {"Content-Encoding": "gzip, br"})
    error = failure(f"{server.url}/feed", limits={"max_size": 100_000})
    assert str(error) == "is larger than 0.1 MB"


def test_what_follows_the_end_of_a_packed_body_is_bounded_too(server):
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n"
    server.routes["/feed"] = Reply(raw=head + gzip.compress(b"<rss/>") + bytes(3_000_000))
    error = failure(f"{server.url}/feed", limits={"max_size": 1_000_000})
    assert str(error) == "is larger than 1 MB"


def test_a_zstandard_window_that_takes_more_than_8_mb_is_refused(server):
    wide = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    body = wide.compress(b"x" * 500) + wide.flush()
    server.routes["/feed"] = Reply(200, body, {"Content-Encoding": "zstd"})
    assert "compression is broken" in str(failure(f"{server.url}/feed"))


def test_a_body_that_announces_itself_as_too_large_is_not_read(server):
    server.routes["/feed"] = Reply(200, b"x", length=2_000_000)
    error = failure(f"{server.url}/feed", limits={"max_size": 500_000})
    assert str(error) == "is larger than 0.5 MB"


def test_a_body_of_unannounced_length_is_bounded(server):
    raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 3_000_000
    server.routes["/feed"] = Reply(raw=raw)
    assert "larger than 1 MB" in str(failure(f"{server.url}/feed", limits={"max_size": 1_000_000}))


def test_a_slow_drip_ends_at_the_deadline(server):
    server.routes["/feed"] = Reply(200, b"x" * 1000, drip=0.05)
    error = failure(f"{server.url}/feed", limits={"timeout": timedelta(seconds=0.5)})
    assert str(error) == "127.0.0.1 took longer than 0.5 s"


def test_the_deadline_is_for_all_redirects_together(server):
    for number in range(5):
        server.routes[f"/{number}"] = Reply(302, headers={"Location": f"/{number + 1}"}, pause=0.3)
    error = failure(f"{server.url}/0", limits={"timeout": timedelta(seconds=0.7)})
    assert "took longer" in str(error)
    assert len(server.asked) <= 3


def test_truncated_bodies_are_failures(server):
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    half = gzip.compress(bytes(range(256)) * 100)[:-20]
    server.routes["/br"] = Reply(200, brotli.compress(b"abc" * 99)[:-3], {"Content-Encoding": "br"})
    server.routes["/zip"] = Reply(200, b"PK", {"Content-Encoding": "zip"})
    server.routes["/zstd"] = Reply(
        200, zstd.compress(b"abc" * 99)[:-3], {"Content-Encoding": "zstd"}
    )
    server.routes["/onion"] = Reply(200, b"x", {"Content-Encoding": "gzip, gzip, gzip, gzip"})
    server.routes["/length"] = Reply(200, b"x" * 1000, cut=500)
    server.routes["/chunked"] = Reply(raw=chunked)
    server.routes["/gzip"] = Reply(200, half, {"Content-Encoding": "gzip"})
    server.routes["/noise"] = Reply(200, b"not gzip at all", {"Content-Encoding": "gzip"})
    for path in ("/length", "/chunked"):
        assert str(failure(server.url + path)) == "127.0.0.1 broke off in the middle of the answer"
    for path in ("/gzip", "/noise", "/br", "/zip", "/zstd", "/onion"):
        expected = "127.0.0.1 sent a body whose compression is broken"
        assert str(failure(server.url + path)) == expected


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"X": "y" * 70_000}, "127.0.0.1 sent headers of more than 64 KB"),
        ({f"X-{n}": "y" * 8_000 for n in range(9)}, "127.0.0.1 sent headers of more than 64 KB"),
        ({f"X-{n}": "y" for n in range(2000)}, "127.0.0.1 sent more headers than anybody needs"),
    ],
)
def test_headers_are_bounded_one_by_one_together_and_in_number(server, sent, reason):
    server.routes["/feed"] = Reply(200, b"x", sent)
    assert str(failure(f"{server.url}/feed")) == reason


def test_headers_within_the_bound_are_read(server):
    server.routes["/feed"] = Reply(200, b"x", {f"X-{n}": "y" * 8_000 for n in range(7)})
    assert fetch(f"{server.url}/feed").body == b"x"


def test_what_is_not_http_is_told_in_words(server):
    server.routes["/noise"] = Reply(raw=b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    server.routes["/nothing"] = Reply(raw=b"")
    assert str(failure(f"{server.url}/noise")) == "127.0.0.1 sent an answer that is not valid HTTP"
    assert "without an answer" in str(failure(f"{server.url}/nothing"))


# --- politeness ---------------------------------------------------------------------------------


def fetch_all(urls, **limits):
    async def main():
        async with Client(Limits(**{**FAST, **limits})) as client:
            await asyncio.gather(*(client.fetch(Request(url)) for url in urls))

    asyncio.run(main())


def test_a_host_gets_few_requests_at_a_time_whatever_its_name_looks_like(server):
    server.routes["/feed"] = together(2, Reply(200, b"x"))
    fetch_all([f"{server.url}/feed"] * 8, per_host=2)
    assert server.busiest == 2


def test_requests_to_a_host_keep_their_distance(server):
    server.routes["/feed"] = Reply(200, b"x")
    began = monotonic()
    fetch_all([f"{server.url}/feed"] * 4, host_delay=timedelta(seconds=0.1))
    times = sorted(asked.at - began for asked in server.asked)
    assert all(time >= 0.1 * number for number, time in enumerate(times))


def test_a_slow_request_makes_way_for_another_but_few_do_so_at_a_time(server):
    server.routes["/feed"] = together(2, Reply(200, b"x"))
    fetch_all([f"{server.url}/feed"] * 4, per_host=4, concurrency=1, slow=1)
    assert server.busiest == 2


def test_requests_that_are_known_to_be_slow_hold_up_each_other_only(server):
    is_asked = threading.Event()

    def held(_):
        return Reply(200 if is_asked.wait(PATIENCE) else 500)

    def prompt(_):
        is_asked.set()
        return Reply(200)

    server.routes |= {"/held": held, "/prompt": prompt}

    async def main():
        limits = {**FAST, "per_host": 9, "concurrency": 1, "patient": 2}
        slow = [Request(f"{server.url}/held", patient=True)] * 5
        async with Client(Limits(**limits)) as client:
            told = [*slow, Request(f"{server.url}/prompt")]
            return await asyncio.gather(*map(client.fetch, told))

    assert {response.status for response in asyncio.run(main())} == {200}
    assert server.busiest <= 3


def test_all_hosts_together_keep_within_the_concurrency(server):
    server.routes["/feed"] = together(3, Reply(200, b"x"))
    urls = [f"http://127.0.0.{number}:{server.port}/feed" for number in range(1, 2)] * 6
    fetch_all(urls, per_host=6, concurrency=3)
    assert server.busiest == 3


# --- failures of the connection -----------------------------------------------------------------


def test_a_refused_connection_is_told_in_words():
    with Server() as closed:
        url = closed.url
    assert str(failure(url)) == "127.0.0.1 refused the connection"


def test_an_unknown_name_is_told_in_words():
    error = failure("http://no-such-host.invalid/feed")
    assert str(error) == "the name no-such-host.invalid could not be found"


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/passwd", "example.org/feed", "http://", "mailto:a@b"]
)
def test_only_web_addresses_are_fetched(url):
    assert str(failure(url)) == "only http and https addresses can be fetched"


@pytest.mark.parametrize(
    "url",
    ["http://[::1/", "http://example.org:99999/", "http://xn--a.example/", "http://xn--0.example/"],
)
def test_broken_addresses_are_told_in_words(url):
    assert str(failure(url)) == "this is not a valid address"


def test_headers_that_cannot_be_sent_are_a_failure_of_that_feed(server):
    failure(f"{server.url}/feed", headers=(("X-A", "a\r\nX-B: b"),))
    assert not server.asked


def test_a_proxy_is_used_and_need_not_be_allowed(server):
    server.routes["http://feeds.example.org/feed"] = Reply(200, b"through the proxy")
    limits = {"proxy": server.url, "allow": ()}
    assert fetch("http://feeds.example.org/feed", limits=limits).body == b"through the proxy"
    assert "private address" in str(failure("http://127.0.0.1:1/", limits=limits))
    assert "private address" in str(failure("http://localhost/", limits=limits))


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost.", "x.localhost", "localhost.localdomain", "ip6-localhost"),
        *("printer", "nas.local", "metadata.google.internal", "127.0.0.1", "127.1", "0x7f000001"),
        *("2130706433", "4294967297", "1e0.0.0.127", "[::1]", "[::1%25lo]", "[::1%lo]"),
        *("loc%61lhost", "%31%32%37.0.0.1", "127.0.0.1%00.example.org", "127.0.0.1,example.org"),
    ],
)
def test_a_proxy_is_never_asked_for_what_may_be_private(server, host):
    target = f"http://{host}:8080/"
    server.routes["http://example.org/feed"] = Reply(302, headers={"Location": target})
    limits = {"proxy": server.url, "allow": ()}
    failure("http://example.org/feed", limits=limits)
    failure(target, limits=limits)
    assert server.paths() == ["http://example.org/feed"]


def test_a_proxy_may_be_asked_for_a_local_name_that_is_allowed(server):
    server.routes["http://nas.local/feed"] = Reply(200, b"at home")
    limits = {"proxy": server.url, "allow": ("nas.local",)}
    assert fetch("http://nas.local/feed", limits=limits).body == b"at home"


def test_an_authorization_header_takes_the_place_of_a_password_in_the_url(server):
    server.routes["/feed"] = Reply(200, b"x")
    url = f"{server.url}/feed".replace("//", "//user:password@")
    assert fetch(url, headers=(("authorization", "Bearer t"),)).body == b"x"
    assert server.asked[0].headers["authorization"] == "Bearer t"


def test_a_missing_proxy_is_told_in_words():
    with Server() as closed:
        proxy = closed.url
    assert str(failure("http://example.org/", limits={"proxy": proxy})) == (
        "the proxy could not be reached"
    )


# --- room in memory -----------------------------------------------------------------------------


def test_bodies_wait_for_room_and_their_time_limit_stands_still(server):
    server.routes["/feed"] = Reply(200, b"x" * 3000)

    async def main():
        room = Room(4000)
        limits = Limits(**{**FAST, "timeout": timedelta(seconds=2)})
        async with Client(limits) as client:

            async def fetch():
                with room.share() as share:
                    return await client.fetch(Request(f"{server.url}/feed"), share)

            with room.share() as held:
                await held.reach(3000)
                waiting = asyncio.create_task(fetch())
                await asyncio.to_thread(until, lambda: server.asked)
                await asyncio.sleep(3)
                assert not waiting.done()
            response = await waiting
            assert response.seconds < 2
            assert response.body == b"x" * 3000

    asyncio.run(main())


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_one_body_has_room_however_large_it_is(server, encoding):
    body = b"x" * 300_000
    sent = gzip.compress(body) if encoding else body
    server.routes["/feed"] = Reply(200, sent, {"Content-Encoding": encoding} if encoding else {})

    async def main():
        room = Room(1000)
        async with Client(Limits(**FAST)) as client:

            async def get():
                with room.share() as share:
                    response = await client.fetch(Request(f"{server.url}/feed"), share)
                    assert share.size == len(body)
                    return response.body

            assert await asyncio.gather(get(), get(), get()) == [body] * 3

    asyncio.run(asyncio.wait_for(main(), 10))


def test_room_that_is_given_back_goes_to_those_who_waited_and_fit_in():
    async def main():
        room = Room(10)
        with ExitStack() as held, ExitStack() as given_back:
            await given_back.enter_context(room.share()).reach(4)
            await held.enter_context(room.share()).reach(5)
            shares = [held.enter_context(room.share()) for _ in range(4)]
            waiting = [asyncio.create_task(one.reach(3)) for one in shares]
            await asyncio.sleep(0)
            waiting[0].cancel()
            await asyncio.sleep(0)
            given_back.close()
            await asyncio.wait(waiting[1:2])
            assert [one.size for one in shares] == [0, 3, 0, 0]
            for task in waiting:
                task.cancel()

    asyncio.run(main())


def test_who_gives_up_waiting_for_room_leaves_it_to_the_others():
    async def main():
        room = Room(10)
        with room.share() as first:
            await first.reach(8)
            with room.share() as second:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(second.reach(5), 0.01)
                assert second.size == 0
            with room.share() as third:
                await third.reach(2)
                await first.reach(50)
        with room.share() as last:
            await asyncio.wait_for(last.reach(10), 1)

    asyncio.run(main())
