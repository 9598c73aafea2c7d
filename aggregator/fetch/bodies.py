"""Bodies decompressed piece by piece, never beyond a limit, and never half."""

import sys
import zlib
from functools import partial
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # the library ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODINGS = ("gzip", "deflate", "br", "zstd")
MOST_LAYERS = 3
"""How many encodings may lie around one another: proxies add one to that of the server."""

MOST_PARTS = 10_000
"""How many gzip members or zstd frames may follow one another; even an empty one costs time."""

_SLICE = 65_536
"""Bytes that a decoder gets at once: it copies what is left of them for every part."""
_GZIP_MAGIC = b"\x1f\x8b"
_PLAIN = frozenset(("", "identity", "none"))
_ZSTD_OPTIONS = {int(zstd.DecompressionParameter.window_log_max): 23}
"""RFC 9659, section 2.1: no more than 8 MB of window."""


class BodyError(ValueError):
    """A body whose compression is broken, cut off or unknown."""


class OversizeError(ValueError):
    """A body that is larger than its limit, packed or at any step of its unpacking."""


class Unpacking:
    """Undoes the encodings of one body; what arrives and what comes out are both bounded.

    `encodings` is the Content-Encoding as sent, `limit` counts bytes. Raises BodyError for
    encodings never asked for, and OversizeError as soon as any step passes the limit.
    """

    def __init__(self, encodings: str, limit: int) -> None:
        names = [name.strip().lower() for name in encodings.split(",")]
        layers = [name for name in reversed(names) if name not in _PLAIN]
        if len(layers) > MOST_LAYERS:
            raise BodyError(f"{len(layers)} encodings")
        self._limit = limit
        self._left = [limit] * (len(layers) + 1)
        self._decoders = [_decoder(name) for name in layers]

    def feed(self, piece: bytes) -> bytes:
        """Return what a piece of the body unpacks to."""
        self._count(0, piece)
        for step, decoder in enumerate(self._decoders, 1):
            slices = (piece[at : at + _SLICE] for at in range(0, len(piece), _SLICE))
            piece = b"".join([self._unpacked(step, decoder, each) for each in slices])
        return piece

    def finish(self) -> None:
        """Raise BodyError unless the body is complete."""
        for decoder in self._decoders:
            decoder.finish()

    def _unpacked(self, step: int, decoder: "_Decoder", piece: bytes) -> bytes:
        out = decoder.feed(piece, self._left[step] + 1)
        self._count(step, out)
        return out

    def _count(self, step: int, piece: bytes) -> None:
        self._left[step] -= len(piece)
        if self._left[step] < 0:
            raise OversizeError(f"more than {self._limit} bytes")


class _Decoder(Protocol):
    """Takes a compressed body in pieces that are not empty."""

    def feed(self, piece: bytes, limit: int) -> bytes:
        """Return what the piece decompresses to, but at most `limit` bytes of it."""

    def finish(self) -> None:
        """Raise BodyError unless the body is complete."""


def _decoder(encoding: str) -> _Decoder:
    match encoding:
        case "gzip" | "x-gzip":
            return _Zlib(16 + zlib.MAX_WBITS)
        case "deflate":
            return _Zlib(None)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
    raise BodyError(encoding)


def _next(parts: int) -> int:
    """The number of parts with one more; BodyError for too many."""
    if parts == MOST_PARTS:
        raise BodyError(f"more than {MOST_PARTS} parts")
    return parts + 1


class _Zlib:
    """gzip in one member or many (RFC 1952); deflate with a header (RFC 1950) or without.

    What follows the last of them is dropped: kept, every piece of it would be copied again.
    """

    def __init__(self, window: int | None) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window) if window else None
        self._parts = 1
        self._is_over = False

    def feed(self, piece: bytes, limit: int) -> bytes:
        if self._stream is None:
            self._window = zlib.MAX_WBITS if piece[0] & 0x0F == 8 else -zlib.MAX_WBITS
            self._stream = zlib.decompressobj(self._window)
        if self._is_over:
            return b""
        out = self._decompress(piece, limit)
        while (rest := self._stream.unused_data).startswith(_GZIP_MAGIC) and len(out) < limit:
            self._parts = _next(self._parts)
            self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
            out += self._decompress(rest, limit - len(out))
        self._is_over = not _GZIP_MAGIC.startswith(rest[: len(_GZIP_MAGIC)])
        return out

    def finish(self) -> None:
        if self._stream is not None and not self._stream.eof:
            raise BodyError("cut off")

    def _decompress(self, piece: bytes, limit: int) -> bytes:
        assert self._stream is not None
        try:
            return self._stream.decompress(piece, limit)
        except zlib.error as error:
            raise BodyError(str(error)) from error


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, piece: bytes, limit: int) -> bytes:
        try:
            out: bytes = self._stream.process(piece, output_buffer_limit=limit)
        except brotli.error as error:
            raise BodyError(str(error)) from error
        return out

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise BodyError("cut off")


class _Zstd:
    """Zstandard in one frame or many (RFC 8878)."""

    _start = partial(zstd.ZstdDecompressor, options=_ZSTD_OPTIONS)

    def __init__(self) -> None:
        self._stream = self._start()
        self._parts = 1

    def feed(self, piece: bytes, limit: int) -> bytes:
        out = b""
        try:
            while piece and len(out) < limit:
                if self._stream.eof:
                    self._parts = _next(self._parts)
                    self._stream = self._start()
                out += self._stream.decompress(piece, limit - len(out))
                piece = self._stream.unused_data if self._stream.eof else b""
        except zstd.ZstdError as error:
            raise BodyError(str(error)) from error
        return out

    def finish(self) -> None:
        if not self._stream.eof:
            raise BodyError("cut off")
