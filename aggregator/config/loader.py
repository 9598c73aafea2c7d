"""From the main file and its includes to one Config."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aggregator import text
from aggregator.config.document import Malformed, Table
from aggregator.config.models import Digest, Email, Included, Main, Settings
from aggregator.config.problems import Problems, line_of
from aggregator.config.source import Place, Source, Unreadable
from aggregator.config.subscriptions import Subscriptions
from aggregator.config.taxonomy import Taxonomy
from aggregator.model import Subscription, Tagging, Topic

_OPML = (".opml", ".xml")
YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Config:
    """A checked configuration; the paths in it are absolute.

    `places` says for every feed URL in which file and line it stands.
    """

    path: Path
    settings: Settings
    subscriptions: tuple[Subscription, ...]
    tagging: Tagging
    topics: tuple[Topic, ...]
    digest: Digest
    email: Email | None
    places: Mapping[str, Place]


class Loader:
    """Reads every file once and collects what is in it; faults go to `problems`."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._files: dict[Path, Place] = {}
        self._topic_places: dict[str, Place] = {}
        self._subscriptions = Subscriptions()
        self._taxonomy = Taxonomy()
        self._topics: list[Topic] = []

    def load(
        self, path: Path, environment: Mapping[str, str], drafts: Mapping[Path, bytes]
    ) -> Config:
        """Read the main file and all that it includes; raises ConfigError."""
        source = Source(path, path.absolute().parent, environment, self._problems, drafts)
        self._files[path.resolve()] = source.place(1)
        try:
            node = source.tree() or Table(1, [])
        except Unreadable as error:
            hint = "; `aggregator init` writes one" if not path.exists() else ""
            source.report(1, "", f"{error}{hint}")
            node = Table(1, [])
        main = source.valid_parts(Main, node)
        _check_outputs(source, node, main)
        self._add(source, node, main)
        tagging = self._taxonomy.tagging()
        self._problems.raise_if_any()
        return Config(
            path=path.absolute(),
            settings=main.settings,
            subscriptions=tuple(self._subscriptions.all),
            tagging=tagging,
            topics=tuple(self._topics),
            digest=main.digest,
            email=main.email,
            places=self._subscriptions.places,
        )

    def _add(self, source: Source, node: Table, content: Included) -> None:
        self._taxonomy.add(source, node, content.tags)
        for number, topic in enumerate(content.topics):
            line = line_of(node, ("topics", number, "name"))
            self._add_topic(
                source, line, Topic(topic.name, text.slug(topic.name), topic.query, topic.stories)
            )
        if feeds := node.child("feeds"):
            self._subscriptions.add_yaml(source, feeds[1])
        for number, name in enumerate(content.include):
            self._include(source, line_of(node, ("include", number)), name)

    def _add_topic(self, source: Source, line: int, topic: Topic) -> None:
        place = source.place(line)
        first = self._topic_places.setdefault(topic.slug, place)
        if first is place:
            self._topics.append(topic)
        else:
            message = (
                f"'{topic.name}' would have the same pages as the topic in {first[0]}:{first[1]}"
            )
            source.report(line, "name", message)

    def _include(self, source: Source, line: int, name: str) -> None:
        included = replace(source, path=source.path.parent / Path(name))
        suffix = included.path.suffix.lower()
        place = source.place(line)
        if suffix not in _OPML + YAML:
            source.report(line, "include", f"{name}: only .yaml and .opml files can be included")
            return
        first = self._files.setdefault(included.path.resolve(), place)
        if first is not place:
            message = f"{name}: is read already, because of {first[0]}:{first[1]}"
            source.report(line, "include", message)
            return
        try:
            (self._read_opml if suffix in _OPML else self._read_yaml)(included)
        except Unreadable as error:
            source.report(line, "include", f"{name}: {error}")

    def _read_yaml(self, source: Source) -> None:
        node = source.tree()
        if node:
            self._add(source, node, source.valid_parts(Included, node))

    def _read_opml(self, source: Source) -> None:
        # listparser imports whatever HTTP library it finds: 0.1 s that only OPML should cost
        from aggregator.config import opml

        try:
            self._subscriptions.add_opml(source, opml.read(source.body()))
        except Malformed as error:
            source.report(error.line, "", str(error))


def _check_outputs(source: Source, node: Table, main: Main) -> None:
    data, output = main.settings.data, main.digest.output
    if data == output or output in data.parents:
        message = f"{output} would publish the data directory {data}"
        source.report(line_of(node, ("digest", "output")), "output", message)
    if "email" in main.digest.outputs and not (main.email or node.child("email")):
        line = line_of(node, ("digest", "outputs"))
        source.report(line, "outputs", "email needs a section `email:` that says whom and how")
    templates = main.digest.templates
    if templates and not templates.is_dir():
        line = line_of(node, ("digest", "templates"))
        source.report(line, "templates", f"there is no directory {templates}")
