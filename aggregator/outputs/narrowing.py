"""Queries that pages lead to: a search within a facet, the articles of a day."""

from datetime import date

from aggregator.outputs import wording

_FACETS = {"tag": 'tag:"{}"', "feed": 'feed:"{}"', "language": "language:{}"}


def narrowed(query: str, facet: str, value: str) -> str:
    """Returns the query that finds only what also has the facet's value."""
    term = _within(value) if facet == "month" else _FACETS[facet].format(value.replace('"', ""))
    base = f"({query})" if " OR " in query else query
    return f"{base} {term}".strip()


def facet_label(facet: str, value: str) -> str:
    """Returns how a facet's value is shown: `2026-02` as February 2026, `de` as German."""
    if facet == "language":
        return wording.LANGUAGES.get(value, value)
    if facet == "feed":
        return wording.short_name(value)
    return wording.month(date.fromisoformat(f"{value}-01")) if facet == "month" else value


def of_day(day: date, query: str = "") -> str:
    """Returns the query for a day's articles, of all or of those that a query finds."""
    return f"({query}) date:{day}" if query else f"date:{day}"


def _within(month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return f"after:{first} before:{following}"
