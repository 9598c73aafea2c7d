"""Words: the one tokenizer that index, rules, topics and stories share, and plain-text helpers."""

from .folding import fold
from .languages import detect_language, primary
from .markup import shorten, visible
from .slugs import slug
from .tokenizer import Token, joined, prefix, query_terms, terms, tokens

__all__ = [
    "Token",
    "detect_language",
    "fold",
    "joined",
    "prefix",
    "primary",
    "query_terms",
    "shorten",
    "slug",
    "terms",
    "tokens",
    "visible",
]
