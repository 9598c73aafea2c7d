"""Records as whoosh documents, and the names that exact values and instants have in them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aggregator.query import Record
from aggregator.search.fields import TEXTS, length_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def moment(instant: datetime) -> int:
    """Microseconds since 1970: as exact as a date in memory."""
    return (instant - _EPOCH) // _MICROSECOND


def label(kind: str, value: str) -> str:
    """The term of an exact value: `tag:iran`, `is:starred`."""
    return f"{kind}:{value}"


def document(record: Record) -> dict[str, Any]:
    """What whoosh is given of an article."""
    texts = {name: getattr(record, name) for name in TEXTS}
    return {
        "id": record.id,
        "label": _labels(record),
        "moment": moment(record.date),
        "words": record.words,
        **texts,
        **{length_of(name): len(positions) for name, positions in texts.items()},
    }


def _labels(record: Record) -> list[str]:
    values = {
        "tag": record.tags,
        "language": record.languages,
        "site": record.sites,
        "feed": record.feeds,
        "has": record.has,
        "story": [record.story] if record.story is not None else [],
        "is": ["starred"] if record.starred else [],
    }
    return [label(kind, value) for kind, each in values.items() for value in each]
