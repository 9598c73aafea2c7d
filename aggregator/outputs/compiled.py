"""Templates compiled once a process: every publication has pages of its own."""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Keeps the code of templates in memory; one whose text has changed is compiled anew."""

    def __init__(self) -> None:
        self._code: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template, if it was made of the same text."""
        text, code = self._code.get(bucket.key, ("", None))
        bucket.code = code if text == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Take the code of a template."""
        assert bucket.code is not None
        self._code[bucket.key] = bucket.checksum, bucket.code


COMPILED = Compiled()
