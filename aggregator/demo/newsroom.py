"""The sample publications: three days of invented news that always end at the present moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml

HERE = Path(__file__).parent
PAPERS = HERE / "newsroom"
IMAGES = HERE / "images"
TIMEZONE = ZoneInfo("Europe/Berlin")
TEMPLATE_ADDRESS = "127.0.0.1:8899"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Format = Literal["rss2", "rdf", "atom", "json"]
Times = dict[tuple[str, str], datetime]


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as its YAML file tells it: `day` counts from today, `time` is UTC."""

    day: int
    time: str
    slug: str
    title: str
    summary: str = ""
    body: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    dateline: str = ""
    image: str | None = None
    caption: str | None = None
    comments: int | None = None
    updated: Mapping[str, Any] | None = None
    copy_of: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """An article of a publication with its dates; `body` is plain text with light marks.

    Paragraphs stand between blank lines; one that begins with `> ` is a quotation, with `## ` a
    subheading. The dateline opens summary and body wherever they are published. `agency` names
    the publication whose text this is, word for word.
    """

    slug: str
    title: str
    dateline: str
    summary: str
    body: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    image: str | None
    caption: str | None
    comments: int | None
    published: datetime
    updated: datetime | None
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A publication; `pieces` come newest first, `ttl` is in minutes."""

    slug: str
    title: str
    format: Format
    language: str
    description: str
    style: Literal["full", "truncated"]
    group: str
    tags: tuple[str, ...]
    ttl: int | None = None
    permalinks: bool = True
    pieces: tuple[Piece, ...] = field(default=(), repr=False)

    @property
    def feed_path(self) -> str:
        """Where the feed lives on the server, from its root."""
        return f"/{self.slug}/feed.{'json' if self.format == 'json' else 'xml'}"

    @property
    def changed(self) -> datetime:
        """When the feed last changed."""
        return max(piece.updated or piece.published for piece in self.pieces)


def load(now: datetime, directory: Path = PAPERS) -> tuple[Paper, ...]:
    """Every publication of `directory`, its day 0 being the day of `now` in Berlin.

    What would lie in the future happens in the minutes before `now` instead, in the same order.
    """
    sources = [
        yaml.load(path.read_bytes(), Loader=YAML_LOADER)  # noqa: S506 - safe, only faster
        for path in sorted(directory.glob("*.yaml"))
    ]
    drafts = {
        (source["slug"], draft.slug): draft
        for source in sources
        for draft in map(_draft, source["articles"])
    }
    now = now.astimezone(UTC).replace(microsecond=0)
    times = publication_times({key: _moment(draft, now) for key, draft in drafts.items()}, now)
    return tuple(_paper(source, drafts, times, now) for source in sources)


def publication_times(scheduled: Mapping[tuple[str, str], datetime], now: datetime) -> Times:
    """`scheduled` with everything after `now` moved to before it, after whatever is past already.

    Steps are of one minute, less when the day is too young to hold them, but of a second at least.
    """
    future = sorted((at, key) for key, at in scheduled.items() if at > now)
    morning = datetime.combine(now.astimezone(TIMEZONE), time(), TIMEZONE).astimezone(UTC)
    floor = max([morning, *(at for at in scheduled.values() if at <= now)])
    seconds = int((now - floor).total_seconds()) // (len(future) + 1)
    step = timedelta(seconds=min(60, max(1, seconds)))
    moved = {key: now - step * (len(future) - place) for place, (_, key) in enumerate(future)}
    return {**scheduled, **moved}


def feeds_yaml(base_url: str) -> str:
    """The demo's feeds.yaml for a newsroom that is served at `base_url`."""
    template = (HERE / "feeds.yaml").read_text(encoding="utf-8")
    return template.replace(TEMPLATE_ADDRESS, base_url.removeprefix("http://"))


def _draft(source: Mapping[str, Any]) -> Draft:
    lists = {key: tuple(source.get(key, ())) for key in ("authors", "categories")}
    return Draft(**{**source, **lists})


def _moment(draft: Draft, now: datetime) -> datetime:
    return _at(draft.day, draft.time, now)


def _at(day: int, clock: str, now: datetime) -> datetime:
    date = now.astimezone(TIMEZONE).date() + timedelta(days=day)
    return datetime.combine(date, time.fromisoformat(clock), UTC)


def _paper(
    source: Mapping[str, Any],
    drafts: Mapping[tuple[str, str], Draft],
    times: Times,
    now: datetime,
) -> Paper:
    keys = [(source["slug"], article["slug"]) for article in source["articles"]]
    pieces = [_piece(key, drafts, times, now) for key in keys]
    return Paper(
        slug=source["slug"],
        title=source["title"],
        format=source["format"],
        language=source["language"],
        description=source["description"],
        style=source["style"],
        group=source["groups"],
        tags=tuple(source.get("tags", ())),
        ttl=source.get("ttl"),
        permalinks=source.get("permalinks", True),
        pieces=tuple(sorted(pieces, key=lambda piece: piece.published, reverse=True)),
    )


def _piece(
    key: tuple[str, str], drafts: Mapping[tuple[str, str], Draft], times: Times, now: datetime
) -> Piece:
    draft = drafts[key]
    agency, _, slug = (draft.copy_of or "").partition("/")
    origin = (agency, slug) if agency else key
    text = drafts[origin]
    return Piece(
        slug=draft.slug,
        title=draft.title,
        dateline=fill_dateline(text.dateline, times[origin]),
        summary=text.summary.strip(),
        body=text.body.strip(),
        authors=draft.authors or text.authors,
        categories=draft.categories or text.categories,
        image=draft.image or text.image,
        caption=draft.caption or text.caption,
        comments=draft.comments,
        published=times[key],
        updated=_updated(draft, times[key], now),
        agency=agency or None,
    )


def _updated(draft: Draft, published: datetime, now: datetime) -> datetime | None:
    if draft.updated is None:
        return None
    return min(now, max(published, _at(draft.updated["day"], draft.updated["time"], now)))


def fill_dateline(pattern: str, at: datetime) -> str:
    """`HAMBURG, {Mon} {d} (Nordwire) - ` with the date of `at`."""
    month = MONTHS[at.month - 1]
    return pattern.format(Mon=month[:3], Month=month, d=at.day, yyyy=at.year)


def paragraphs(text: str) -> Sequence[str]:
    """The paragraphs of a body, each on one line."""
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]
