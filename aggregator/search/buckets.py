"""How the articles that a tantivy query finds spread over tags, feeds, languages and months."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from tantivy import Query, Searcher

from aggregator.model.instants import from_microseconds, to_microseconds
from aggregator.search.facets import leading, months
from aggregator.search.forms import FACET_FIELDS, original
from aggregator.search.results import Counts, Facet

_VALUES: Final = 1_000
"""Values that are looked at beyond those asked for: equal numbers are ordered by value."""
_SEGMENT_VALUES: Final = 65_000
_MOST_MONTHS: Final = 1_200


def counted(
    searcher: Searcher, asked: Query, names: Sequence[Facet], limit: int, timezone: ZoneInfo
) -> dict[Facet, Counts]:
    """For each of `names` the commonest values, in one pass, and one more for months."""
    wanted: dict[str, Any] = {
        name: {"terms": {"field": field, "size": limit + _VALUES, "segment_size": _SEGMENT_VALUES}}
        for name, field in FACET_FIELDS.items()
        if name in names
    }
    if "month" in names:
        wanted |= {each: {each: {"field": "moment"}} for each in ("min", "max")}
    found = searcher.aggregate(asked, wanted) if wanted else {}
    counts = {
        name: _by_month(searcher, asked, found["min"]["value"], found["max"]["value"], timezone)
        if name == "month"
        else {original(each["key"]): each["doc_count"] for each in found[name]["buckets"]}
        for name in names
    }
    return {name: leading(each, limit) for name, each in counts.items()}


def _by_month(
    searcher: Searcher, asked: Query, first: float | None, last: float | None, timezone: ZoneInfo
) -> dict[str, int]:
    if first is None or last is None:
        return {}
    start, end = (from_microseconds(int(each)).astimezone(timezone) for each in (first, last))
    numbers = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    if len(numbers) > _MOST_MONTHS:
        hits = searcher.search(asked, searcher.num_docs, order_by_field="moment").hits
        instants = searcher.fast_field_values("moment", [address for _, address in hits])
        return months(np.array(instants, np.int64), timezone)
    starts = [_start(number, timezone) for number in [*numbers, numbers[-1] + 1]]
    ranges = [{"from": low, "to": high} for low, high in pairwise(starts)]
    found = searcher.aggregate(asked, {"month": {"range": {"field": "moment", "ranges": ranges}}})
    by_start = {int(each["from"]): each["doc_count"] for each in found["month"]["buckets"][1:-1]}
    return {
        f"{number // 12:04}-{number % 12 + 1:02}": count
        for number, begins in zip(numbers, starts, strict=False)
        if (count := by_start.get(begins))
    }


def _start(number: int, timezone: ZoneInfo) -> int:
    return to_microseconds(datetime(number // 12, number % 12 + 1, 1, tzinfo=timezone))
