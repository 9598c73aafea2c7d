"""How many files may be open: as many as we are let have, and a clear word where they are few."""

import errno
import os
import resource

from aggregator.errors import AggregatorError

WANTED = 4_096
"""Files that are asked for where the system allows more than it gives (`ulimit -Hn`)."""
ENOUGH = 256


def allow_more() -> None:
    """Raise the soft limit of this process as far as it is of use and the hard one lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def most() -> int | None:
    """How many files may be open at a time; None for any number."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def are_free(number: int) -> bool:
    """Whether so many more files can be opened now."""
    opened: list[int] = []
    try:
        for _ in range(number):
            opened.append(os.open(os.devnull, os.O_RDONLY))  # noqa: PERF401 - closed if one fails
    except OSError:
        return False
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return True


def require(number: int) -> None:
    """Raise AggregatorError, with the limit and the mend, if so many more cannot be opened now."""
    if not are_free(number):
        raise AggregatorError(too_few())


def too_few() -> str:
    """That too few files may be open, with the limit and the mend."""
    return f"too few files may be open ({most()}): allow {ENOUGH} or more (`ulimit -n {ENOUGH}`)"


def reason(error: OSError) -> str:
    """What went wrong with a file, in words."""
    return too_few() if error.errno == errno.EMFILE else error.strerror or str(error)
