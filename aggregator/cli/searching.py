"""`search`: full text and tags."""

import re
import time
from collections.abc import Collection
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from aggregator import query
from aggregator.cli import output
from aggregator.cli.common import day, json_option, reading, since_option, until_option
from aggregator.errors import AggregatorError
from aggregator.outputs import shapes
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.searching import Asked, dated, explained, matched, results
from aggregator.pipeline.searching import related as related_to
from aggregator.search import FACETS, Facet, Sort, snippet

MARK = re.compile(r"<mark>(.*?)</mark>", re.DOTALL)


class SearchCommand(click.Command):
    """A command that remembers which words came after `--`: those are never options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as usual; `ctx.meta["literal"]` holds the words after the first `--`."""
        ctx.meta["literal"] = args[args.index("--") + 1 :] if "--" in args else []
        return super().parse_args(ctx, args)


@click.command(
    cls=SearchCommand,
    # `-word` is part of the query language; -h would be taken out of the middle of such a word
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("words", nargs=-1, metavar="QUERY")
@click.option("--sort", type=click.Choice(["relevance", "newest"]), default="relevance")
@since_option
@until_option
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--facets", "facet_names", metavar="NAMES", help=f"Any of {','.join(FACETS)}.")
@click.option("--explain", is_flag=True, help="How the query was read, what it found where.")
@click.option("--related", metavar="ID", help="What is most like this article, instead of QUERY.")
@json_option
@click.pass_obj
def search(
    path: Path,
    words: tuple[str, ...],
    sort: Sort,
    since: date | timedelta | None,
    until: date | timedelta | None,
    limit: int,
    page: int,
    facet_names: str | None,
    explain: bool,
    related: str | None,
    as_json: bool,
) -> None:
    """Search articles by words, tags, dates, or for those most like an article.

    The query language is described in docs/query.md.
    """
    if related is not None:
        _only_with({"related", "limit", "as_json"}, "--related")
        _search_like(path, related, limit, as_json=as_json)
        return
    text = _query_text(words)
    names = _facet_names(facet_names)
    with reading(path) as newsroom:
        bound = dated(newsroom, newsroom.query(text), day(since, newsroom), day(until, newsroom))
        shape = results(newsroom, Asked(text, bound, sort, limit, page, names))
        if explain:
            shape |= _explanation(newsroom, shape, bound, scored=sort == "relevance")
        if as_json:
            output.print_json(shape)
        else:
            _print(shape, newsroom)


def _search_like(path: Path, id: str, limit: int, *, as_json: bool) -> None:
    with reading(path) as newsroom:
        started = time.perf_counter()
        article = newsroom.holdings.article(id)
        if article is None:
            raise AggregatorError(f"no article {id}; `aggregator articles` lists them")
        hits = [
            shapes.hit(other, score=likeness, snippet_html=snippet(other, query.All()))
            for other, likeness in related_to(newsroom, article, limit)
        ]
        took_ms = (time.perf_counter() - started) * 1000
        shape = shapes.results(None, hits, total=len(hits), took_ms=took_ms)
        shape |= {"related": id, "did_you_mean": None}
        if as_json:
            output.print_json(shape)
        else:
            _print(shape, newsroom)


def _only_with(allowed: Collection[str], option: str) -> None:
    """Raise UsageError where anything else was asked for beside an option."""
    context = click.get_current_context()
    for param in context.command.params:
        given = context.get_parameter_source(param.name or "") is not ParameterSource.DEFAULT
        if given and param.name not in allowed:
            name = param.opts[0] if isinstance(param, click.Option) else param.metavar
            raise click.UsageError(f"{name} does not go with {option}")


def _query_text(words: tuple[str, ...]) -> str:
    context = click.get_current_context()
    if not words:
        raise click.UsageError("no QUERY: what is to be found?")
    if words == ("-h",) and not context.meta["literal"]:
        output.print_line(context.get_help())
        context.exit()
    for word in words:
        if word.startswith("--") and word not in context.meta["literal"]:
            options = [name for param in context.command.params for name in param.opts]
            raise click.UsageError(f"no option {word}{output.did_you_mean(word, options)}")
    return " ".join(words)


def _facet_names(text: str | None) -> list[Facet]:
    wanted = [name.strip() for name in (text or "").split(",") if name.strip()]
    for name in wanted:
        if name not in FACETS:
            suggestion = output.did_you_mean(name, FACETS)
            raise click.UsageError(f"no facet {name!r}{suggestion}; there are {', '.join(FACETS)}")
    return [facet for facet in FACETS if facet in wanted]


def _explanation(
    newsroom: Newsroom, shape: shapes.Shape, bound: query.Query, *, scored: bool
) -> shapes.Shape:
    scores = {hit["id"]: hit["score"] for hit in shape["hits"]}
    articles = newsroom.holdings.articles(list(scores))
    told = explained(newsroom, bound, scores if scored else {})
    return {
        "read_as": str(query.parse(shape["query"])),
        "terms": [{"asked": str(each.asked), "articles": each.articles} for each in told],
        "matched": {
            article.id: [
                {
                    "asked": str(each.asked),
                    "where": each.part,
                    "words": list(each.words),
                    "times": each.times,
                }
                for each in matched(bound, article)
            ]
            for article in articles
        },
        "score_parts": {
            article.id: {str(each.asked): each.scores.get(article.id) for each in told}
            for article in articles
        },
    }


def _print_explanation(shape: dict[str, Any], id: str) -> None:
    for each in shape["matched"][id]:
        where = f" in {each['where']} {each['times']}×: {', '.join(each['words'])}"
        output.print_line(f"  {each['asked']}{where if each['where'] else ''}")
    parts = [f"{name} {share:g}" for name, share in shape["score_parts"][id].items() if share]
    if parts:
        output.print_line(f"  score: {' + '.join(parts)}")


def _print(shape: dict[str, Any], newsroom: Newsroom) -> None:
    if shape["warning"]:
        output.note(shape["warning"])
    if shape["did_you_mean"]:
        output.note(f"nothing found; did you mean: {shape['did_you_mean']}")
    if "read_as" in shape:
        output.print_line(f"read as: {shape['read_as']}")
        for term in shape["terms"]:
            output.print_line(f"  {term['asked']}: in {term['articles']} articles")
    for hit in shape["hits"]:
        _print_hit(hit, newsroom)
        if "read_as" in shape:
            _print_explanation(shape, hit["id"])
    for name, pairs in shape["facets"].items():
        told = ", ".join(f"{label} {count}" for label, count in pairs)
        output.print_folded(f"{name}: {told}", indent=len(name) + 2)
    if output.is_terminal():
        total = shape["total"]
        noun = "article" if total == 1 else "articles"
        output.note(f"{total} {noun} of {newsroom.holdings.count()} in {shape['took_ms']:.0f} ms")


def _print_hit(hit: dict[str, Any], newsroom: Newsroom) -> None:
    when = datetime.fromisoformat(hit["date"]).astimezone(newsroom.timezone).date().isoformat()
    excerpt = plain(hit["snippet_html"])
    if not output.is_terminal():
        output.table((), [(hit["id"], when, hit["feed"], hit["title"], excerpt)])
        return
    from rich.padding import Padding
    from rich.text import Text

    console = output.console()
    console.print(Text(output.straight(hit["title"]), style="bold"))
    console.print(Padding(marked(output.straight(hit["snippet_html"])), (0, 0, 0, 2)))
    console.print(Text(f"  {when}  {output.straight(hit['feed'])}  {hit['id']}", style="dim"))
    console.print()


def plain(snippet_html: str) -> str:
    """A snippet without its marks."""
    return unescape(MARK.sub(r"\1", snippet_html))


def marked(snippet_html: str) -> Any:
    """A snippet for the terminal, its marks in bold."""
    from rich.text import Text

    styled = Text()
    position = 0
    for match in MARK.finditer(snippet_html):
        styled.append(unescape(snippet_html[position : match.start()]))
        styled.append(unescape(match[1]), style="bold yellow")
        position = match.end()
    styled.append(unescape(snippet_html[position:]))
    return styled
