"""Query text into tokens, in one pass; which words are fields, and which only nearly."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from aggregator.errors import QueryError
from aggregator.query.spelling import distance

Kind = Literal["(", ")", "AND", "OR", "NOT", "field", "word", "phrase", "end"]

FIELDS: Final = (
    "title", "tag", "feed", "author", "language", "site", "story", "is", "has", "words",
    "after", "before", "date",
)  # fmt: skip
_OPERATORS: Final[dict[str, Kind]] = {
    "AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "|": "OR", "NOT": "NOT",
}  # fmt: skip
_OTHER_NAMES: Final = {
    "lang": "language", "since": "after", "until": "before", "source": "feed", "domain": "site",
    "category": "tag", "label": "tag", "by": "author",
}  # fmt: skip
_ALIKE: Final = str.maketrans(
    dict.fromkeys("“”„‟«»〝〞〟＂「」『』", '"')
    | {"（": "(", "）": ")", "：": ":", "＊": "*", "－": "-"}
)
_IN_HEBREW_WORD: Final = r'(?<=[א-ת])"(?=[א-ת])'
_SPACE: Final = re.compile(r"\s*+")
_FIELD: Final = re.compile(r"([A-Za-z]+):")
_PHRASE: Final = re.compile(rf'"((?:\\"|[^"]|{_IN_HEBREW_WORD})*+)"?')
_WORD: Final = re.compile(rf'(?:[^\s()"]|{_IN_HEBREW_WORD})++')
_MINUS: Final = re.compile(r"-(?=[^\s)])")
_SHORTEST_MISTYPED: Final = 3


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query; `column` counts from 1, `text` is without quotes and colon."""

    kind: Kind
    text: str
    column: int


def tokens(query: str) -> Iterator[Token]:
    """The tokens of a query, then one `end`; raises QueryError for a mistyped field."""
    source = query.translate(_ALIKE)
    at, after_field = 0, False
    while (at := _end(_SPACE, source, at)) < len(source):
        token, at = _next(source, at, attached=after_field and not source[at - 1].isspace())
        yield token
        after_field = token.kind == "field" or (after_field and token.kind == "NOT")
    yield Token("end", "", len(source) + 1)


def _next(source: str, at: int, *, attached: bool) -> tuple[Token, int]:
    """The token that begins at `at`; one `attached` to a field is a value, whatever it spells."""
    column = at + 1
    if source[at] in "()":
        return Token("(" if source[at] == "(" else ")", source[at], column), at + 1
    if phrase := _PHRASE.match(source, at):
        words = " ".join(phrase[1].replace('\\"', '"').split())
        return Token("phrase", words, column), phrase.end()
    if _MINUS.match(source, at):
        return Token("NOT", "-", column), at + 1
    if not attached and (field := _FIELD.match(source, at)) and _is_field(source, field):
        return Token("field", field[1].lower(), column), field.end()
    word = source[at : _end(_WORD, source, at)]
    kind = "word" if attached else _OPERATORS.get(word, "word")
    return Token(kind, word, column), at + len(word)


def _end(pattern: re.Pattern[str], source: str, at: int) -> int:
    match = pattern.match(source, at)
    return match.end() if match else at


def _is_field(source: str, match: re.Match[str]) -> bool:
    name = match[1].lower()
    if name in FIELDS:
        return True
    meant = None if source.startswith("/", match.end()) else nearest(name, FIELDS)
    if meant is None:
        return False
    raise QueryError(
        f'Column {match.start() + 1}: there is no field "{match[1]}:"; did you mean "{meant}:"?',
        column=match.start() + 1,
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a mistyped one most likely means, if it comes near any."""
    if name in _OTHER_NAMES and _OTHER_NAMES[name] in known:
        return _OTHER_NAMES[name]
    if len(name) < _SHORTEST_MISTYPED:
        return None
    return next((candidate for candidate in known if _mistyped(name, candidate)), None)


def _mistyped(name: str, meant: str) -> bool:
    if meant.startswith(name) or name == f"{meant}s":
        return True
    return distance(name, meant) <= (len(meant) - 1) // 3 - (len(meant) < 4)
