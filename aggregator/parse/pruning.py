"""A document without the entries that are known, which need not be parsed again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aggregator.parse.spans import Span, between_tags, counted, local_name, parsed

_PLACE = "known"
_PLACEHOLDER = f"<?{_PLACE}?>"
_SURROUNDING = frozenset({"rss", "channel", "feed", "rdf"})


@dataclass(frozen=True, slots=True)
class Pruned:
    """A well-formed text with placeholders for its known entries; `spans` are those of the others.

    `fingerprints` are of all `total` entries.
    """

    text: str
    spans: tuple[Span, ...]
    fingerprints: frozenset[bytes]
    total: int


def pruned(text: str, known: Collection[bytes], most: int) -> Pruned | None:
    """Return the text without its known entries, where a look at tags and at the rest tells them.

    What has the hash of an entry of a well-formed document is one again where it stands as entries
    do: where expat meets a placeholder in its stead. Returns None where nothing is known, where
    there are more than `most` entries, and where the tags or the rest are not clear.
    """
    found = between_tags(text)
    gone = [span for span in found if span.fingerprint in known]
    if not gone or len(found) > most:
        return None
    rest = _with_placeholders(text, gone)
    met = _Met()
    if not met.read(rest) or met.places != len(gone):
        return None
    left = counted(rest, met.elements)
    if left is None or len(left) + len(gone) != len(found):
        return None
    return Pruned(rest, left, frozenset(span.fingerprint for span in found), len(found))


def _with_placeholders(text: str, gone: Sequence[Span]) -> str:
    pieces: list[str] = []
    position = 0
    for span in gone:
        pieces += (text[position : span.start], _PLACEHOLDER)
        position = span.end
    return "".join((*pieces, text[position:]))


class _Met:
    """The elements that expat meets in a text, and how many placeholders where entries stand."""

    def __init__(self) -> None:
        self.elements: list[str] = []
        self.places = 0
        self._around: list[str] = []

    def read(self, text: str) -> bool:
        """Return whether the text is well-formed."""
        return parsed(
            text,
            StartElementHandler=self._start,
            EndElementHandler=self._end,
            ProcessingInstructionHandler=self._pass,
        )

    def _start(self, name: str, attributes: object) -> None:
        self._around.append(local_name(name).lower())

    def _end(self, name: str) -> None:
        self._around.pop()
        self.elements.append(name)

    def _pass(self, target: str, data: str) -> None:
        self.places += target == _PLACE and _SURROUNDING.issuperset(self._around)
