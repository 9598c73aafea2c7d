"""JSON Schemas of what the API answers: the shapes that `--json` prints."""

from aggregator.outputs.shapes import Shape

TEXT: Shape = {"type": "string"}
MAYBE_TEXT: Shape = {"type": ["string", "null"]}
WHOLE: Shape = {"type": "integer"}
MAYBE_WHOLE: Shape = {"type": ["integer", "null"]}
NUMBER: Shape = {"type": "number"}
MAYBE_NUMBER: Shape = {"type": ["number", "null"]}
FLAG: Shape = {"type": "boolean"}
TIME: Shape = {"type": "string", "format": "date-time"}
MAYBE_TIME: Shape = {"type": ["string", "null"], "format": "date-time"}
DAY: Shape = {"type": "string", "format": "date"}
MAYBE_DAY: Shape = {"type": ["string", "null"], "format": "date"}


def several(items: Shape) -> Shape:
    """A list."""
    return {"type": "array", "items": items}


def record(**properties: Shape) -> Shape:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def table(values: Shape) -> Shape:
    """An object with any names and values of one kind."""
    return {"type": "object", "additionalProperties": values}


def pair(first: Shape, second: Shape) -> Shape:
    """A list of two."""
    return {"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2}


def named(name: str) -> Shape:
    """One of `COMPONENTS`."""
    return {"$ref": f"#/components/schemas/{name}"}


COUNTS = several(pair(TEXT, WHOLE))

_ARTICLE = {
    "id": TEXT,
    "url": MAYBE_TEXT,
    "title": TEXT,
    "summary": TEXT,
    "content_html": TEXT,
    "text": TEXT,
    "authors": several(TEXT),
    "language": MAYBE_TEXT,
    "published": MAYBE_TIME,
    "updated": MAYBE_TIME,
    "first_seen": TIME,
    "date": TIME,
    "tags": several(
        record(
            tag=TEXT,
            label=TEXT,
            source={"enum": ["feed", "subscription", "rule", "parent", "page"]},
            why=TEXT,
        )
    ),
    "feeds": several(record(url=TEXT, title=MAYBE_TEXT, guid=TEXT)),
    "image": MAYBE_TEXT,
    "enclosures": several(record(url=TEXT, type=MAYBE_TEXT, length=MAYBE_WHOLE)),
    "comments": record(url=MAYBE_TEXT, feed=MAYBE_TEXT, count=MAYBE_WHOLE),
    "dateline": record(place=MAYBE_TEXT, agency=MAYBE_TEXT, date=MAYBE_DAY),
    "words": WHOLE,
    "story": MAYBE_TEXT,
    "revisions": WHOLE,
    "starred": FLAG,
}
_DRIFT = record(
    article=TEXT,
    feed=TEXT,
    at=TIME,
    old=record(guid=TEXT, url=MAYBE_TEXT),
    new=record(guid=TEXT, url=MAYBE_TEXT),
    undone=MAYBE_TIME,
)
_REFERENCE = {
    "id": TEXT,
    "title": TEXT,
    "url": MAYBE_TEXT,
    "feed": TEXT,
    "date": TIME,
    "language": MAYBE_TEXT,
}
"""How an article is referred to."""
_TAG = {
    "tag": TEXT,
    "label": TEXT,
    "articles": WHOLE,
    "parents": several(TEXT),
    "aliases": several(TEXT),
    "trend": MAYBE_NUMBER,
}
_KIN = record(
    id=TEXT, title=TEXT, began=MAYBE_TIME, earlier=FLAG, score=NUMBER, terms=several(TEXT)
)
_COPIES = several(record(origin=MAYBE_TEXT, articles=several(TEXT)))

COMPONENTS: dict[str, Shape] = {
    "Error": record(error=record(kind=TEXT, message=TEXT)),
    "Article": record(**_ARTICLE),
    "Articles": record(articles=several(named("Article")), next=MAYBE_TEXT),
    "ArticleInFull": record(
        **_ARTICLE,
        suggested_tags=several(
            record(tag=TEXT, label=TEXT, articles=WHOLE, score=NUMBER, why=TEXT)
        ),
        drifts=several(_DRIFT),
        ties=several(
            record(article=TEXT, other=MAYBE_TEXT, kind=TEXT, score=NUMBER, terms=several(TEXT))
        ),
        copies=_COPIES,
        related=several(_KIN),
    ),
    "Hit": record(
        **_REFERENCE,
        tags=several(TEXT),
        score=MAYBE_NUMBER,
        snippet_html=TEXT,
        story=MAYBE_TEXT,
    ),
    "Results": record(
        query=MAYBE_TEXT,
        total=WHOLE,
        took_ms=NUMBER,
        page=WHOLE,
        hits=several(named("Hit")),
        facets=table(COUNTS),
        warning=MAYBE_TEXT,
        did_you_mean=MAYBE_TEXT,
    ),
    "Tag": record(**_TAG),
    "TrendingTag": record(**_TAG, today=WHOLE, expected=NUMBER, chance=NUMBER, days=several(WHOLE)),
    "Tags": several({"anyOf": [named("Tag"), named("TrendingTag")]}),
    "TagInFull": record(
        **_TAG,
        first_seen=MAYBE_TIME,
        newest=MAYBE_TIME,
        days=several(pair(DAY, WHOLE)),
        related=several(record(tag=TEXT, label=TEXT, articles=WHOLE, lift=NUMBER)),
        sources=COUNTS,
    ),
    "Feed": record(
        url=TEXT,
        title=MAYBE_TEXT,
        site_url=MAYBE_TEXT,
        groups=several(TEXT),
        active=FLAG,
        articles=WHOLE,
        last_poll=MAYBE_TIME,
        last_success=MAYBE_TIME,
        last_new=MAYBE_TIME,
        next_poll=MAYBE_TIME,
        interval_seconds=WHOLE,
        failures=WHOLE,
        error=MAYBE_TEXT,
        http_status=MAYBE_WHOLE,
        health={"enum": ["ok", "slow", "silent", "failing", "gone", "moved", "new"]},
        health_since=MAYBE_TIME,
        moved_to=MAYBE_TEXT,
        hub=MAYBE_TEXT,
        notes=several(TEXT),
    ),
    "Feeds": several(named("Feed")),
    "Report": record(**_REFERENCE, source=TEXT, origin=MAYBE_TEXT),
    "Story": record(
        id=TEXT,
        title=TEXT,
        summary=TEXT,
        url=MAYBE_TEXT,
        image=MAYBE_TEXT,
        score=NUMBER,
        language=MAYBE_TEXT,
        articles=several(named("Report")),
        sources=several(TEXT),
        tags=several(TEXT),
        tag_slugs=several(TEXT),
        why=several(TEXT),
        began=MAYBE_TIME,
        earlier=WHOLE,
        past=several(named("Report")),
        later=several(named("Report")),
        amended=several(record(id=TEXT, feed=TEXT, at=TIME, title_before=MAYBE_TEXT)),
        copies=_COPIES,
        related=several(_KIN),
    ),
    "Edition": record(
        date=DAY,
        topic=MAYBE_TEXT,
        topic_slug=MAYBE_TEXT,
        topic_query=MAYBE_TEXT,
        topic_stories=MAYBE_WHOLE,
        timezone=TEXT,
        articles=WHOLE,
        sources=WHOLE,
        stories=several(named("Story")),
        tags=COUNTS,
        tag_slugs=several(TEXT),
        previous=MAYBE_DAY,
        next=MAYBE_DAY,
        also=several(
            record(
                id=TEXT,
                article=TEXT,
                title=TEXT,
                url=MAYBE_TEXT,
                feed=TEXT,
                sources=WHOLE,
                language=MAYBE_TEXT,
            )
        ),
        total=WHOLE,
        later=WHOLE,
        trends=table(several(WHOLE)),
    ),
    "Editions": several(named("Edition")),
}
