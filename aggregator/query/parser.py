"""Query text to tree: by recursive descent, bounded in length, terms and depth.

    any   = every (OR every)*
    every = one (AND? one)*
    one   = NOT one | field one | ( any ) | word | phrase

What is left open closes at the end, operators with nothing to join and words of signs alone are
passed over. A query must say something, though, or be empty.
"""

from typing import Final

from aggregator.errors import QueryError
from aggregator.query import values
from aggregator.query.lexer import Token, tokens
from aggregator.query.tree import All, Query, both, either, negated
from aggregator.text import shorten

MOST_CHARACTERS: Final = 1_000
MOST_TERMS: Final = 64
DEEPEST: Final = 32
_MOST_QUOTED: Final = 60


def parse(text: str) -> Query:
    """The tree of a query, read as the user most likely meant it.

    An empty text is All. Raises QueryError, one sentence with the column, for an unknown field or
    value, for a text that says nothing, and past the limits: 1,000 characters, 64 terms, brackets
    32 deep.
    """
    if len(text) > MOST_CHARACTERS:
        column = MOST_CHARACTERS + 1
        raise QueryError(
            f"Column {column}: a query has at most {MOST_CHARACTERS:,} characters.", column=column
        )
    found = _Parser(text).parse()
    if found is None and (written := shorten(" ".join(text.split()), _MOST_QUOTED)):
        raise QueryError(f"Column 1: there is nothing to search for in {written}.", column=1)
    return found or All()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._token = next(self._tokens)
        self._terms = 0

    def parse(self) -> Query | None:
        found = []
        while self._token.kind != "end":
            found.append(self._any(None, 0))
            if self._token.kind == ")":
                self._advance()
        return both(found)

    def _advance(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._token = next(self._tokens)
        return token

    def _any(self, field: str | None, depth: int) -> Query | None:
        found = [self._every(field, depth)]
        while self._token.kind == "OR":
            self._advance()
            found.append(self._every(field, depth))
        return either(found)

    def _every(self, field: str | None, depth: int) -> Query | None:
        found = []
        while self._token.kind not in {"OR", ")", "end"}:
            found.append(self._one(field, depth))
        return both(found)

    def _one(self, field: str | None, depth: int) -> Query | None:
        opposite = False
        while self._token.kind in {"NOT", "AND", "field"}:
            token = self._advance()
            opposite ^= token.kind == "NOT"
            if token.kind == "field":
                field = self._with_value(token)
        if self._token.kind in {"OR", ")", "end"}:
            return None
        token = self._advance()
        found = self._group(token, field, depth) if token.kind == "(" else self._term(token, field)
        return negated(found) if opposite else found

    def _with_value(self, field: Token) -> str:
        follower = self._token
        empty = follower.kind == "phrase" and not follower.text
        if empty or follower.kind not in {"word", "phrase", "(", "NOT"}:
            raise QueryError(
                f'Column {field.column}: "{field.text}:" needs a value, such as '
                f"{values.EXAMPLES[field.text]}.",
                column=field.column,
            )
        return field.text

    def _group(self, opening: Token, field: str | None, depth: int) -> Query | None:
        if depth == DEEPEST:
            raise QueryError(
                f"Column {opening.column}: brackets stand at most {DEEPEST} deep.",
                column=opening.column,
            )
        found = self._any(field, depth + 1)
        if self._token.kind == ")":
            self._advance()
        return found

    def _term(self, token: Token, field: str | None) -> Query | None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise QueryError(
                f"Column {token.column}: a query has at most {MOST_TERMS} terms.",
                column=token.column,
            )
        return values.node(field, token)
