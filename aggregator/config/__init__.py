"""feeds.yaml: read, checked and turned into one frozen Config; every fault is found at once.

bytes ─ document (nodes with lines) ─ source (plain data, `$NAME` filled in)
      ─ models (pydantic: types, bounds, defaults)
      ─ subscriptions, taxonomy (what only shows across sections and files) ─ Config
"""

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from aggregator.config.document import Malformed
from aggregator.config.loader import Config, Loader
from aggregator.config.models import Digest, Network, Poll, Settings
from aggregator.config.problems import Problems
from aggregator.config.source import Outline

__all__ = [
    "Config",
    "Digest",
    "Network",
    "Outline",
    "Poll",
    "Settings",
    "load",
    "read_opml",
    "starter",
]


def load(
    path: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    drafts: Mapping[Path, bytes] = MappingProxyType({}),
) -> Config:
    """Read feeds.yaml and the files that it includes; raises ConfigError with every problem.

    `drafts` stand in for the contents of files, by their resolved paths.
    """
    return Loader(Problems()).load(path, environment, drafts)


def read_opml(body: bytes) -> list[Outline]:
    """Return the feeds of an OPML document, each URL once; raises ValueError in words."""
    # listparser imports whatever HTTP library it finds: 0.1 s that only OPML should cost
    from aggregator.config import opml

    try:
        return opml.read(body)
    except Malformed as error:
        raise ValueError(f"line {error.line}: {error}") from error


def starter() -> str:
    """Return the commented feeds.yaml that ships with the package."""
    shipped = resources.files("aggregator") / "feeds.yaml"
    in_checkout = Path(__file__).parents[2] / "feeds.yaml"
    return next(one for one in (shipped, in_checkout) if one.is_file()).read_text("utf-8")
