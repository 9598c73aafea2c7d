"""Standfirsts: two or three sentences that an article's publisher wrote, whole ones."""

from aggregator.model import Article
from aggregator.text import fold, opening, sentences

STANDFIRST = 320
"""Characters of a story's summary."""
SHORT = 100
"""Characters of a summary that needs nothing added."""


def standfirst(article: Article, text: str) -> str:
    """Its summary's first sentences; a summary of one short sentence is followed by the text's.

    A summary that is the head of the text is read there, where lines still are apart. What only
    says the title again is left out.
    """
    summary = "" if _is_head(article.summary, text) else _told(article.summary, article)
    if len(summary) > SHORT or len(sentences(summary, article.language)) > 1:
        return summary
    more = opening(
        _without_title(text, article), article.language, limit=STANDFIRST - len(summary) - 1
    )
    if not summary:
        return more or _told(article.summary, article)
    if more.endswith("…") or summary.rstrip(".…") in more or not _is_closed(summary):
        return summary
    return f"{summary} {more}".rstrip()


def _told(text: str, article: Article) -> str:
    return opening(_without_title(text, article), article.language, limit=STANDFIRST)


def _is_head(summary: str, text: str) -> bool:
    start = summary.rstrip(" .…")
    return bool(start) and " ".join(text[: 3 * len(summary)].split()).startswith(start)


def _is_closed(summary: str) -> bool:
    return not summary.rstrip("\"'”’»›«‹“‘)")[-1:].isalnum()


def _without_title(text: str, article: Article) -> str:
    """The text without a first line or sentence that is the title, empty where that is all."""
    title = _plainly(article.title)
    if not title or _plainly(text) == title:
        return text if not title else ""
    for end in (text.find("\n"), len(article.title.strip())):
        if end > 0 and text[end : end + 1] in ("\n", ".") and _plainly(text[:end]) == title:
            return text[end + 1 :].lstrip()
    return text


def _plainly(text: str) -> str:
    return " ".join(fold(text).strip(" .:").split())
