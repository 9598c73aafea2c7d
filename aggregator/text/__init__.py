"""Words: the one tokenizer that index, rules, topics and stories share, and plain-text helpers."""

from aggregator.text.folding import fold
from aggregator.text.languages import detect_language, primary
from aggregator.text.markup import shorten, visible
from aggregator.text.slugs import slug
from aggregator.text.tokenizer import Token, joined, prefix, query_terms, terms, tokens

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
