"""Bodies in many parts, one around another."""

import gzip
import sys
import tracemalloc
import zlib

import pytest

from aggregator.fetch.bodies import MOST_PARTS, BodyError, Unpacking

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK = {"gzip": gzip.compress, "zstd": zstd.compress}
LIMIT = 10_000_000


def unpacked(encodings: str, body: bytes, piece: int = 65_536) -> bytes:
    unpacking = Unpacking(encodings, LIMIT)
    out = [unpacking.feed(body[at : at + piece]) for at in range(0, len(body), piece)]
    unpacking.finish()
    return b"".join(out)


@pytest.mark.parametrize("encoding", PACK)
@pytest.mark.parametrize("piece", [7, 65_536])
def test_parts_follow_one_another_wherever_they_are_cut(encoding, piece):
    texts = [bytes([65 + number % 26]) * (number * 97) for number in range(200)]
    body = b"".join(map(PACK[encoding], texts))
    assert unpacked(encoding, body, piece) == b"".join(texts)
    assert unpacked(f"{encoding}, gzip", gzip.compress(body), piece) == b"".join(texts)


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_what_follows_the_last_part_is_not_kept(encoding, pack):
    """Each piece would be joined to those before, so time would grow with the square of them."""
    unpacking = Unpacking(encoding, LIMIT)
    assert unpacking.feed(pack(b"<rss/>")) == b"<rss/>"
    tracemalloc.start()
    assert b"".join(unpacking.feed(bytes(1_000)) for _ in range(2_000)) == b""
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    unpacking.finish()
    assert kept < 100_000


@pytest.mark.parametrize("encoding", PACK)
def test_a_body_of_endless_empty_parts_is_refused(encoding):
    part = PACK[encoding](b"")
    assert unpacked(encoding, part * MOST_PARTS) == b""
    flood = part * 500_000
    for encodings, body in ((encoding, flood), (f"{encoding}, gzip", gzip.compress(flood))):
        with pytest.raises(BodyError, match="parts"):
            unpacked(encodings, body)
