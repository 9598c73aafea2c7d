"""Checking templates: whether they are well formed, and name only what they are given."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import jinja2
from jinja2 import meta, nodes

from aggregator.errors import Problem
from aggregator.outputs.loading import words

GIVEN: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(("frame", *names.split()))
    for name, names in {
        "front.html": "edition editions front reference tags trends",
        "topic.html": "edition ranked reference tags trends",
        "week.html": "week front tags trends",
        "stories.html": "edition listing reference",
        "story.html": "story tags",
        "archive.html": "calendar",
        "tags.html": "counts total page pages",
        "tag.html": "tag articles page pages profile",
        "article.html": "article mates related standfirst image files tags",
        "search.html": "search",
        "feeds.html": "feeds counts health page pages",
        "letter.html": "editions images weekly address",
        "error.html": "status message",
    }.items()
}
"""What each page is given; docs/templates.md tells what it is."""
PIECES: Final = ("base.html", "_dateline.html", "_macros.html")
"""What several pages share: whatever any of them is given or sets may be there."""
MACROS: Final = "_macros.html"


def problems(environment: jinja2.Environment, users: Path | None) -> list[Problem]:
    """What is wrong with templates before they are rendered, in the user's directory by name, too.

    They are not well formed, refer to templates that are not there, or name what nobody gives.
    """
    return _Templates(environment, users).problems()


class _Read(NamedTuple):
    """A template as it was read: its file, its tree, and the names that it sets anywhere."""

    file: str
    tree: nodes.Template
    sets: frozenset[str]


class _Templates:
    """The templates of an environment, each read once; the user's are those in a directory."""

    def __init__(self, environment: jinja2.Environment, users: Path | None) -> None:
        self._environment = environment
        self._users = users
        self._read = cache(self._parsed)

    def problems(self) -> list[Problem]:
        """Every mistake that can be seen before a template is rendered, each once."""
        found: dict[Problem, None] = {}
        for name in (*GIVEN, *PIECES):
            try:
                self._environment.get_template(name)
                if self._users and (self._users / name).exists():
                    found.update(dict.fromkeys((*self._absent(name), *self._unknown(name))))
            except jinja2.TemplateSyntaxError as fault:
                found[Problem(fault.filename or name, fault.lineno, "", fault.message or "")] = None
        return list(found)

    def _absent(self, name: str) -> Iterator[Problem]:
        """Templates that one refers to and that are not there."""
        file, tree, _ = self._read(name)
        for each in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            wanted = _named(each)
            if wanted and not getattr(each, "ignore_missing", False) and not self._has(wanted):
                fault = jinja2.TemplateNotFound(wanted)
                yield Problem(file, each.lineno, "", words(fault))

    def _has(self, name: str) -> bool:
        try:
            return bool(self._read(name))
        except jinja2.TemplateNotFound:
            return False

    def _unknown(self, name: str) -> Iterator[Problem]:
        """Names in a template that nobody gives: neither we nor it nor one that it extends."""
        file, tree, _ = self._read(name)
        known = {*self._environment.globals, *self._given(name)}
        missing = meta.find_undeclared_variables(tree) - known - _asked_for(tree)
        for each in tree.find_all(nodes.Name):
            if each.ctx == "load" and each.name in missing:
                missing.remove(each.name)
                hint = self._hint(each.name, known)
                what = f"{name} is given nothing of this name{hint}"
                yield Problem(file, each.lineno, each.name, what)

    def _hint(self, name: str, known: Collection[str]) -> str:
        if name in {each.name for each in self._read(MACROS).tree.find_all(nodes.Macro)}:
            return f": import it from {MACROS} with context"
        near = get_close_matches(name, known, n=1)
        return f" (did you mean {near[0]}?)" if near else ""

    def _given(self, name: str) -> frozenset[str]:
        """What a page may name; a piece whatever any page may."""
        pages = [name] if name in GIVEN else [*GIVEN, name]
        given = (GIVEN.get(each, frozenset()) | self._set_in(each) for each in pages)
        return frozenset().union(*given)

    def _set_in(self, name: str) -> frozenset[str]:
        """The names that a template sets, or one that it extends."""
        names, waiting, seen = frozenset[str](), [name], set[str]()
        while waiting:
            seen.add(each := waiting.pop())
            if self._has(each):
                _, tree, sets = self._read(each)
                names |= sets
                parents = map(_named, tree.find_all(nodes.Extends))
                waiting += [parent for parent in parents if parent and parent not in seen]
        return names

    def _parsed(self, name: str) -> _Read:
        environment = self._environment
        assert environment.loader
        source, file, _ = environment.loader.get_source(environment, name)
        tree = environment.parse(source, name, file)
        return _Read(file or name, tree, frozenset(_names_set(tree)))


def _names_set(tree: nodes.Template) -> Iterator[str]:
    """What is assigned, imported or defined anywhere in a template, arguments as well."""
    yield from (each.name for each in tree.find_all(nodes.Name) if each.ctx != "load")
    yield from (each.name for each in tree.find_all(nodes.Macro))
    yield from (each.target for each in tree.find_all(nodes.Import))
    for each in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in each.names)


def _named(reference: nodes.Node) -> str | None:
    """The template that another refers to, if it is written there."""
    named = getattr(reference, "template", None)
    return named.value if isinstance(named, nodes.Const) and isinstance(named.value, str) else None


def _asked_for(tree: nodes.Template) -> set[str]:
    """Names that a template does without: it asks whether they are there, or has a default."""
    asked = (
        *(each.node for each in tree.find_all(nodes.Test) if each.name in ("defined", "undefined")),
        *(each.node for each in tree.find_all(nodes.Filter) if each.name in ("default", "d")),
    )
    return {each.name for each in asked if isinstance(each, nodes.Name)}
