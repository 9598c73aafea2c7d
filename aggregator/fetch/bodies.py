"""Bodies decompressed piece by piece, never beyond a limit, and never half."""

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # the library ships no types

ENCODINGS = ("gzip", "deflate", "br")
_GZIP_MAGIC = b"\x1f\x8b"


class BodyError(ValueError):
    """A body whose compression is broken, cut off or unknown."""


class Decoder(Protocol):
    """Takes a compressed body in pieces."""

    def feed(self, piece: bytes, limit: int) -> bytes:
        """Return what the piece decompresses to, but at most `limit` bytes of it."""

    def finish(self) -> None:
        """Raise BodyError unless the body is complete."""


def decoder(encoding: str) -> Decoder:
    """Return the decoder for a Content-Encoding; raises BodyError for those never asked for."""
    match encoding.strip().lower():
        case "" | "identity" | "none":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Zlib(16 + zlib.MAX_WBITS)
        case "deflate":
            return _Zlib(None)
        case "br":
            return _Brotli()
    raise BodyError(encoding)


class _Plain:
    def feed(self, piece: bytes, limit: int) -> bytes:
        return piece[:limit]

    def finish(self) -> None:
        return None


class _Zlib:
    """gzip in one member or many (RFC 1952); deflate with a header (RFC 1950) or without."""

    def __init__(self, window: int | None) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window) if window else None

    def feed(self, piece: bytes, limit: int) -> bytes:
        if self._stream is None:
            self._window = zlib.MAX_WBITS if piece[0] & 0x0F == 8 else -zlib.MAX_WBITS
            self._stream = zlib.decompressobj(self._window)
        out = self._decompress(piece, limit)
        while self._stream.unused_data.startswith(_GZIP_MAGIC) and len(out) < limit:
            rest = self._stream.unused_data
            self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
            out += self._decompress(rest, limit - len(out))
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
