"""The sections of feeds.yaml: every key, its type, its bounds and its default.

These models are the one list of settings; the documentation is tested against them. Validation
wants the context `{"directory": Path}`, the directory that relative paths start from.
"""

import os
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)

import aggregator
from aggregator.config import values
from aggregator.config.document import same_key

# pydantic would look for plugins in the metadata of every package that is installed
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(days=3_653)


def _directory(value: object, info: ValidationInfo) -> Path:
    context = info.context or {}
    return values.directory(value, context["directory"])


def _bounded(low: timedelta, high: timedelta) -> AfterValidator:
    return AfterValidator(values.between(low, high))


_Duration = PlainValidator(values.duration)
Interval = Annotated[timedelta, _Duration, _bounded(_SECOND, _LONGEST)]
Delay = Annotated[timedelta, _Duration, _bounded(timedelta(0), timedelta(hours=1))]
Timeout = Annotated[timedelta, _Duration, _bounded(timedelta(milliseconds=100), timedelta(hours=1))]
Retention = Annotated[timedelta, _Duration, _bounded(_DAY, 10 * _LONGEST)]
Size = Annotated[int, PlainValidator(values.size), Field(ge=1_000, le=10**9)]
Label = Annotated[str, PlainValidator(values.label)]
QueryText = Annotated[str, PlainValidator(values.query_text)]
FilterText = Annotated[str, PlainValidator(values.filter_text)]
Zone = Annotated[ZoneInfo, PlainValidator(values.zone)]
Directory = Annotated[Path, PlainValidator(_directory)]
Headers = Annotated[tuple[tuple[str, str], ...], PlainValidator(values.headers)]
Weight = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]


PLATFORMS = (
    *("beehiiv.com", "buttondown.email", "dreamwidth.org", "ghost.io", "livejournal.com"),
    *("medium.com", "micro.blog", "posthaven.com", "substack.com", "tumblr.com"),
    *("typepad.com", "wordpress.com"),
)
"""Domains whose subdomains are sites of different people, beside those that are public suffixes."""


class Section(BaseModel):
    """A mapping of feeds.yaml: immutable, and unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )

    @model_validator(mode="before")
    @classmethod
    def _spell_keys_alike(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {same_key(key): value for key, value in data.items()}
        return data


def _shorter(data: dict[str, Any]) -> timedelta:
    interval: timedelta = data["interval"]
    return min(timedelta(minutes=5), interval)


def _longer(data: dict[str, Any]) -> timedelta:
    interval: timedelta = data["interval"]
    return max(timedelta(hours=24), interval)


class Poll(Section):
    """How feeds are polled; an interval outside the default bounds moves the bound it passes."""

    interval: Interval = timedelta(minutes=30)
    min_interval: Interval = Field(default_factory=_shorter)
    max_interval: Interval = Field(default_factory=_longer)
    concurrency: Annotated[int, Field(ge=1, le=1_000)] = 32
    per_host: Annotated[int, Field(ge=1, le=100)] = 2
    host_delay: Delay = timedelta(seconds=1)
    one_host: Literal["domain", "name"] = "domain"
    apart: tuple[Annotated[str, PlainValidator(values.domain)], ...] = PLATFORMS
    timeout: Timeout = timedelta(seconds=30)
    connect_timeout: Timeout = timedelta(seconds=10)
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    max_headers: Annotated[int, PlainValidator(values.size), Field(ge=1_000, le=10**6)] = 64_000
    max_size: Size = 10_000_000
    max_entries: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    max_title: Annotated[int, Field(ge=20, le=5_000)] = 1_000
    max_text: Annotated[int, PlainValidator(values.size), Field(ge=1_000, le=10**6)] = 10**6
    max_tags: Annotated[int, Field(ge=0, le=1_000)] = 50
    user_agent: Annotated[str, PlainValidator(values.user_agent)] = (
        f"aggregator/{aggregator.__version__}"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.min_interval <= self.interval <= self.max_interval:
            raise ValueError(
                f"interval ({values.show(self.interval)}) must lie between min-interval "
                f"({values.show(self.min_interval)}) and max-interval "
                f"({values.show(self.max_interval)})"
            )
        return self


class Network(Section):
    """What the network may be used for."""

    allow: tuple[Annotated[str, PlainValidator(values.network)], ...] = ()
    proxy: Annotated[str, PlainValidator(values.proxy_url)] | None = None


class Settings(Section):
    """What holds for everything."""

    title: Label = "Morning papers"
    timezone: Zone = ZoneInfo("UTC")
    clocks: tuple[Zone, ...] = ()
    data: Directory = Field(default="index", validate_default=True)
    store: Annotated[str, PlainValidator(values.store)] = "sqlite"
    index: Literal["whoosh", "tantivy"] = "whoosh"
    keep: Retention = timedelta(days=400)
    poll: Poll = Poll()
    network: Network = Network()


class Inherited(Section):
    """What a group hands down to its feeds, and a feed may say for itself."""

    tags: tuple[Label, ...] = ()
    interval: Interval | None = None
    headers: Headers = ()
    include: FilterText | None = None
    exclude: FilterText | None = None
    language: Annotated[str, PlainValidator(values.language)] | None = None
    weight: Weight | None = None
    active: bool | None = None


class Feed(Inherited):
    """One feed."""

    url: Annotated[str, PlainValidator(values.feed_url)]
    title: Label | None = None


class Group(Inherited):
    """Feeds with something in common; groups nest. The feeds below are read one by one."""

    group: Label
    feeds: Any = None


class Rule(Section):
    """A tag for every article that a query matches."""

    tag: Label
    when: QueryText


class Tags(Section):
    """How tags are read."""

    aliases: dict[Label, tuple[Label, ...]] = {}
    parents: dict[Label, tuple[Label, ...]] = {}
    ignore: tuple[Label, ...] = ()
    rules: tuple[Rule, ...] = ()


class TopicLine(Section):
    """A named saved query with a daily edition."""

    name: Label
    query: QueryText
    stories: Annotated[int, Field(ge=1, le=1_000)] = 20


Output = Literal["html", "atom", "json", "markdown", "text", "email"]
Security = Literal["starttls", "tls", "none"]
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS: dict[str, int] = {"starttls": 587, "tls": 465, "none": 25}


class Digest(Section):
    """When, where and how editions are published."""

    at: Annotated[time, PlainValidator(values.time_of_day)] = time(6, 30)
    weekly: Annotated[int, PlainValidator(values.weekday)] | None = None
    output: Directory = Field(default="digests", validate_default=True)
    outputs: Annotated[tuple[Output, ...], Field(min_length=1)] = ("html", "atom", "json")
    templates: Directory | None = None
    url: Annotated[str, PlainValidator(values.site_url)] | None = None

    @field_validator("outputs")
    @classmethod
    def _once_each(cls, outputs: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(outputs))


def _usual_port(data: dict[str, Any]) -> int:
    return PORTS[data.get("security", "starttls")]


class Email(Section):
    """How editions are sent by e-mail."""

    to: Annotated[tuple[Annotated[str, PlainValidator(values.mailbox)], ...], Field(min_length=1)]
    sender: Annotated[str, PlainValidator(values.mailbox)] = Field(alias="from")
    host: Annotated[str, PlainValidator(values.mail_host)] = "localhost"
    security: Security = "starttls"
    port: Annotated[int, Field(ge=1, le=65_535)] = Field(default_factory=_usual_port)
    username: Label | None = None
    password: Annotated[str, PlainValidator(values.secret)] | None = None
    letters: Literal["one", "topics"] = "one"
    edition: Literal["yesterday", "today"] | None = None
    images: bool = False
    unsubscribe: Annotated[str, PlainValidator(values.unsubscribe)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together")
        if not f"{self.username}{self.password}".isascii():
            raise ValueError("username and password can be sent in ASCII characters only")
        if self.password and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("a password needs `security: starttls` or `tls`")
        return self


class Included(Section):
    """A file that another one includes."""

    feeds: Any = None
    include: tuple[Label, ...] = ()
    tags: Tags = Tags()
    topics: tuple[TopicLine, ...] = ()


class Main(Included):
    """The file that the user names."""

    settings: Settings = Field(default={}, validate_default=True)
    digest: Digest = Field(default={}, validate_default=True)
    email: Email | None = None
