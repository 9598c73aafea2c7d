"""The bounds within which the world is met: of the HTTP client and of worker processes."""

from aggregator import fetch, openfiles
from aggregator.config import Config
from aggregator.workers import Pool

WORKERS = 2
WORKER_CPU_SECONDS = 10.0
WORKER_TIMEOUT = 30.0
SLOW_PER_PLACE = 4
"""Requests that may take long beside each that may go on at a time."""
FILES_FOR_OTHERS = 256
"""How many open files other things than requests may need."""
FILES_AT_LEAST = 40
"""How many they do need, where few may be open."""


def pool(config: Config) -> Pool:
    """The worker processes that read what strangers send."""
    return Pool(
        WORKERS,
        cpu_seconds=WORKER_CPU_SECONDS,
        memory_bytes=_worker_memory(config),
        timeout=WORKER_TIMEOUT,
    )


def limits(config: Config) -> fetch.Limits:
    """The bounds of the HTTP client, from the settings."""
    settings, network = config.settings.poll, config.settings.network
    return fetch.Limits(
        concurrency=_most_prompt(config),
        slow=most_slow(config),
        patient=most_patient(config),
        per_host=settings.per_host,
        host_delay=settings.host_delay,
        rest=settings.min_interval,
        site_of=fetch.by_domain(settings.apart) if settings.one_host == "domain" else fetch.by_name,
        timeout=settings.timeout,
        connect_timeout=settings.connect_timeout,
        max_redirects=settings.max_redirects,
        max_headers=settings.max_headers,
        max_size=settings.max_size,
        user_agent=settings.user_agent,
        allow=network.allow,
        proxy=network.proxy,
    )


def most_slow(config: Config) -> int:
    """How many slow requests may go on beside the others, as far as files may be open."""
    concurrency = config.settings.poll.concurrency
    wanted = SLOW_PER_PLACE * concurrency
    files = openfiles.most()
    return wanted if files is None else min(wanted, max(files - FILES_FOR_OTHERS - concurrency, 0))


def most_patient(config: Config) -> int:
    """How many requests that are known to take long may go on beside all others."""
    return most_slow(config) // SLOW_PER_PLACE


def _most_prompt(config: Config) -> int:
    """How many requests may go on at a time, as far as files may be open."""
    wanted, files = config.settings.poll.concurrency, openfiles.most()
    return wanted if files is None else min(wanted, max(files - FILES_AT_LEAST, 1))


def _worker_memory(config: Config) -> int:
    """Bytes of address space for a worker: a usual document takes about ten times its size."""
    return max(192_000_000, 72_000_000 + 12 * config.settings.poll.max_size)
