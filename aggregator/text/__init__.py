"""Words: the one tokenizer that index, rules, topics and stories share, and plain-text helpers."""

from aggregator.text.folding import fold
from aggregator.text.languages import detect_language, primary
from aggregator.text.length import count_words
from aggregator.text.markup import collapsed, shorten, visible
from aggregator.text.sentences import opening, sentences
from aggregator.text.slugs import slug
from aggregator.text.tokenizer import Positions, Token, joined, prefix, query_terms, tokens
from aggregator.text.vocabulary import Vocabulary, terms

__all__ = [
    "Positions",
    "Token",
    "Vocabulary",
    "collapsed",
    "count_words",
    "detect_language",
    "fold",
    "joined",
    "opening",
    "prefix",
    "primary",
    "query_terms",
    "sentences",
    "shorten",
    "slug",
    "terms",
    "tokens",
    "visible",
]
