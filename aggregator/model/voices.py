"""Who tells a story independently: publishers, and agencies whose texts others carry."""

from collections.abc import Iterable


def voices_of(told: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """The voice of each source: its own, or whose text it carries if it has nothing of its own.

    `told` are sources with whose text a report of theirs is, None for their own.
    """
    voices: dict[str, str] = {}
    for source, origin in told:
        if origin is None or source not in voices:
            voices[source] = origin or source
    return voices
