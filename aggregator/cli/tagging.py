"""`tags` and `retag`: tags as an index of their own."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from aggregator.cli import output
from aggregator.cli.common import json_option, reading, writing
from aggregator.errors import AggregatorError
from aggregator.model import Tag
from aggregator.outputs import shapes, wording
from aggregator.pipeline import tagging
from aggregator.pipeline.newsroom import Newsroom

NONE_TRENDS = "no tag stands out today"
ALL_TAGGED = "every one of the newest articles has tags of its publisher or of a rule"
NONE_ALIKE = "no two labels of the archive look like one tag"


@click.command()
@click.argument("tag", required=False)
@click.option("--trending", is_flag=True, help="Tags that are commoner today than they were.")
@click.option("--suggest", is_flag=True, help="Tags for articles that came without.")
@click.option("--suggest-aliases", is_flag=True, help="Labels that may be one, for feeds.yaml.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@json_option
@click.pass_obj
def tags(
    path: Path,
    tag: str | None,
    trending: bool,
    suggest: bool,
    suggest_aliases: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List tags, the commonest first, or tell of one.

    With their numbers of articles, their parents and aliases.
    """
    views: dict[str, Callable[[Newsroom], None]] = {
        "TAG": lambda newsroom: _one(newsroom, tag or "", as_json=as_json),
        "--trending": lambda newsroom: _trending(newsroom, limit, as_json=as_json),
        "--suggest": lambda newsroom: _suggest(newsroom, limit, as_json=as_json),
        "--suggest-aliases": lambda newsroom: _aliases(newsroom, limit, as_json=as_json),
    }
    asked = [tag is not None, trending, suggest, suggest_aliases]
    wanted = [name for name, given in zip(views, asked, strict=True) if given]
    if len(wanted) > 1:
        raise click.UsageError(f"{wanted[0]} and {wanted[1]} are two questions; ask one at a time")
    with reading(path) as newsroom:
        if wanted:
            views[wanted[0]](newsroom)
        else:
            _all(newsroom, limit, as_json=as_json)


def _all(newsroom: Newsroom, limit: int, *, as_json: bool) -> None:
    shown = tagging.listed(newsroom, limit)
    if as_json:
        output.print_json(shown)
        return
    output.table(
        ("articles", "tag", "parents", "aliases"),
        [
            (str(t["articles"]), t["label"], ", ".join(t["parents"]), ", ".join(t["aliases"]))
            for t in shown
        ],
        right=("articles",),
    )


def _one(newsroom: Newsroom, tag: str, *, as_json: bool) -> None:
    profile = tagging.profile(newsroom, tag)
    if profile is None:
        known = {
            name: None for each in newsroom.holdings.tags() for name in (each.label, each.slug)
        }
        raise AggregatorError(f"no article has the tag {tag}{output.did_you_mean(tag, known)}")
    shape = tagging.described(newsroom, profile)
    if as_json:
        output.print_json(shape)
        return
    zone = newsroom.timezone
    counts = [count for _, count in profile.days]
    total = profile.tag.articles
    lines = [f"{profile.tag.label}  {total} {'article' if total == 1 else 'articles'}"]
    if profile.first_seen and profile.newest:
        first, newest = (each.astimezone(zone) for each in (profile.first_seen, profile.newest))
        lines.append(f"  first seen {first:%-d %b %Y}, newest {newest:%-d %b %Y}")
    lines.append(f"  {output.sparkline(counts)}  the last {len(counts)} days, {counts[-1]} today")
    lines += _listed("parents", shape["parents"]) + _listed("aliases", shape["aliases"])
    lines += [
        f"  beside   {each.label}: {each.articles} articles, {each.lift:g} times what chance gives"
        for each in profile.related
    ]
    lines += [f"  from     {source}: {count}" for source, count in profile.sources]
    output.print_line("\n".join(lines))


def _listed(name: str, labels: Sequence[str]) -> list[str]:
    return [f"  {name:<8} {', '.join(labels)}"] if labels else []


def _trending(newsroom: Newsroom, limit: int, *, as_json: bool) -> None:
    if as_json:
        output.print_json(tagging.trending(newsroom, limit))
        return
    shown = tagging.trending_tags(newsroom, limit)
    output.table(
        ("today", "usual", "tag", "four weeks and today"),
        [
            (str(t.today), f"{t.expected:.1f}", count.label, output.sparkline(t.days))
            for t, count in shown
        ],
        right=("today", "usual"),
        nothing=NONE_TRENDS,
    )


def _suggest(newsroom: Newsroom, limit: int, *, as_json: bool) -> None:
    found = tagging.suggested(newsroom, tagging.untagged(newsroom, limit))
    if as_json:
        output.print_json(
            [
                {
                    "id": article.id,
                    "title": article.title,
                    "suggested_tags": [shapes.suggestion(each) for each in suggestions],
                }
                for article, suggestions in found
            ]
        )
        return
    output.table(
        ("id", "article", "might be tagged"),
        [
            (article.id, article.title, ", ".join(each.label for each in suggestions))
            for article, suggestions in found
        ],
        nothing=ALL_TAGGED,
    )


def _aliases(newsroom: Newsroom, limit: int, *, as_json: bool) -> None:
    found = tagging.alias_proposals(newsroom)[:limit]
    if as_json:
        output.print_json([shapes.proposal(each) for each in found])
    elif found:
        lines = ["tags:", "  aliases:", *(f"    {each}" for each in found)]
        output.print_line("\n".join(lines))
    else:
        output.note(NONE_ALIKE)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@json_option
@click.pass_obj
def retag(path: Path, dry_run: bool, as_json: bool) -> None:
    """Apply today's tag rules to stored articles."""
    from aggregator.pipeline import retagging

    with (reading if dry_run else writing)(path) as newsroom:
        changes = retagging.retag(newsroom, dry_run=dry_run)
        relabelled = [
            {
                "id": article,
                "removed": _labels(removed),
                "added": _labels(added),
                "why": _why(added),
            }
            for article, old, new in changes
            if (removed := _without(old, new)) + (added := _without(new, old))
        ]
        if as_json:
            output.print_json(relabelled)
        else:
            _tell(newsroom, relabelled, "would change" if dry_run else "changed")


def _tell(newsroom: Newsroom, relabelled: Sequence[Mapping[str, Any]], verb: str) -> None:
    for change in relabelled:
        marks = [f"-{label}" for label in change["removed"]]
        marks += [f"+{label}" for label in change["added"]]
        article = newsroom.holdings.article(change["id"])
        title = article.title if article else "removed meanwhile"
        output.print_line(f"{change['id']}  {'  '.join(marks)}  {title}")
    for mark, key in (("-", "removed"), ("+", "added")) if len(relabelled) > 1 else ():
        for label, times in Counter(x for each in relabelled for x in each[key]).most_common():
            output.print_line(f"{mark}{label}: {wording.count(times, 'article')}")
    output.print_line(f"{wording.count(len(relabelled), 'article')} {verb}")


def _without(these: tuple[Tag, ...], others: tuple[Tag, ...]) -> list[Tag]:
    slugs = {tag.slug for tag in others}
    return [tag for tag in these if tag.slug not in slugs]


def _labels(tags: Sequence[Tag]) -> list[str]:
    return [tag.label for tag in tags]


def _why(tags: Sequence[Tag]) -> dict[str, str]:
    return {tag.label: tag.why for tag in tags}
