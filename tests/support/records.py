"""Random articles in many scripts, and random queries made of the words that stand in them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from aggregator import query
from aggregator.model import Article, Comments, Enclosure, Sighting, Tag
from aggregator.text import slug, tokens

NOW = datetime(2026, 2, 17, 21, 30, tzinfo=UTC)
ZONES = ("Asia/Jerusalem", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")
WORDS = {
    "en": "election elections elect vote votes U.S. us covid-19 covid19 covid 19 AT&T Iran's "
    "state-of-the-art talks talk the café happy 1,000 1000 C++ O'Neill naïve Müller e-mail email",
    "de": "Wahl Wahlen Müller Mueller Straße strasse Bundeskanzler-Wahl über ueber die häuser Haus",
    "ru": "выборы выборов президент президента ёлка елка из-за Москва Москвы и и",
    "he": "מלחמה המלחמה ישראל צה\"ל בית-ספר ירושלים של של",
    "ar": "الحرب حرب إسرائيل اسرائيل القدس في في كتاب",
    "ur": "جنگ کی کی حکومت پاکستان علی",
    "zh": "中国 选举 总统 中国选举 北京大学 大学 北京",
    "ja": "東京 選挙 東京都 カタカナ ｶﾀｶﾅ の の 日本 日本語",
    "ko": "대통령 대통령이 선거 선거는",
    None: "x yz 3.5 3,5 Notepad++ z̷a̷l̷g̷o 🙂 \ud800 \x00 don't",
}  # fmt: skip
COUNTS = (0, 1, 2, 299, 300, 301)
LABELS = ("Middle East", "Iran", "C++", "מלחמה", "日本", "a", "b")
HOSTS = ("news.example.co.uk", "example.org", "www.alpha.example", "b.alpha.example")
FEED_TITLES = ("Alpha World", "World Alpha", "Beta-News", "日本語 News", "", None)
AUTHORS = ("Jane Doe", "Doe Jane", "Max Müller", "田中太郎", "Anne-Marie O'Neill")
INSTANTS = (
    [
        datetime(2026, 2, day, tzinfo=ZoneInfo(zone)).astimezone(UTC) + timedelta(seconds=shift)
        for zone in ZONES
        for day in (15, 16, 17)
        for shift in (-1, 0, 1)
    ]
    + [datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(1995, 5, 5, tzinfo=UTC)]
    + [NOW - timedelta(hours=hours, microseconds=micro) for hours in (1, 3) for micro in (0, 1)]
)


@st.composite
def texts(draw: st.DrawFn, language: str | None, longest: int = 12) -> str:
    """Words of a language, a foreign one now and then, side by side in any way they are written."""
    own = st.sampled_from(WORDS[language].split())
    foreign = st.sampled_from([word for words in WORDS.values() for word in words.split()])
    words = draw(st.lists(own | own | own | foreign, max_size=longest))
    gaps = st.sampled_from([" ", " ", " ", "-", ", ", ". ", "", "\n"])
    return "".join(word + draw(gaps) for word in words)


@st.composite
def articles(draw: st.DrawFn, id: str) -> Article:
    language = draw(st.sampled_from(list(WORDS)))
    host = draw(st.sampled_from(HOSTS))
    text = draw(texts(language))
    summary = draw(st.just(text[:20]) | texts(language, 5))
    date = draw(st.sampled_from(INSTANTS))
    sightings = tuple(
        Sighting(f"https://{feed_host}/rss?{number}", draw(st.sampled_from(FEED_TITLES)), id)
        for number, feed_host in enumerate(draw(st.lists(st.sampled_from(HOSTS), max_size=2)))
    )
    labels = draw(st.lists(st.sampled_from(LABELS), max_size=3, unique=True))
    return Article(
        id=id,
        url=draw(st.sampled_from([None, f"https://{host}/{id}"])),
        title=draw(texts(language, 5)),
        summary=summary,
        content_html="",
        text=text,
        date=date,
        first_seen=date,
        authors=tuple(draw(st.lists(st.sampled_from(AUTHORS), max_size=2))),
        language=draw(st.sampled_from([language, f"{language}-XX" if language else None])),
        image=draw(st.sampled_from([None, "https://example.org/i.png"])),
        enclosures=draw(st.sampled_from([(), (Enclosure("https://example.org/a.mp3"),)])),
        comments=draw(st.sampled_from([Comments(), Comments(count=3)])),
        words=draw(st.sampled_from(COUNTS)),
        sightings=sightings,
        tags=tuple(Tag(slug(label), label, "feed", "") for label in labels),
        story=draw(st.sampled_from([None, "s1", "s2"])),
        starred=draw(st.booleans()),
    )


def queries(around: Sequence[Article]) -> st.SearchStrategy[str]:
    """Query texts over every operator, their words taken from these articles, nested three deep."""
    leaf = st.one_of(_words(around), _words(around), _values(), _moments())
    return st.recursive(leaf, _combined, max_leaves=6)


def bound(written: str, zone: str) -> query.Query:
    return query.bind(query.parse(written), now=NOW, timezone=ZoneInfo(zone))


def _combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(
        pairs.map(" ".join), pairs.map(lambda each: f"({' OR '.join(each)})"),
        parts.map(lambda part: f"-({part})"),
    )  # fmt: skip


@st.composite
def _words(draw: st.DrawFn, around: Sequence[Article]) -> str:
    """One to four neighbouring words of an article's title, text, author or feed, as a query."""
    article = draw(st.sampled_from(around))
    field, source = draw(st.sampled_from(_sources(article)))
    found = tokens(source, None)
    if not found:
        return draw(st.sampled_from(["nowhere", '"no where"', "no*", f"{field}nowhere"]))
    start = draw(st.integers(0, len(found) - 1))
    stop = min(len(found), start + draw(st.integers(1, 4))) - 1
    words = " ".join(source[found[start].start : found[stop].end].replace('"', "").split())
    form = draw(st.sampled_from(['"{}"', '"{}"', "{}", "begin"]))
    if form == "begin":
        word = words.split()[0] if words.split() else "x"
        return f"{field}{word[: draw(st.integers(1, 6))]}*"
    return field + form.format(words)


def _sources(article: Article) -> list[tuple[str, str]]:
    feeds = [("feed:", sighting.feed_title or "") for sighting in article.sightings]
    urls = [("feed:", sighting.feed_url) for sighting in article.sightings]
    authors = [("author:", " ".join(article.authors))]
    inside = [("", article.text), ("", article.title), ("", article.summary)]
    return [*inside, *inside, ("title:", article.title), *authors, *feeds, *urls]


def _values() -> st.SearchStrategy[str]:
    hosts = [*HOSTS, "example.co.uk", "co.uk", "alpha.example", "elsewhere.example"]
    stories = ["story:s1", "story:s2", "story:s3", "is:starred"]
    bounds = st.sampled_from(COUNTS)
    return st.one_of(
        st.sampled_from(LABELS).map('tag:"{}"'.format),
        st.sampled_from(["en", "de", "ru", "zh", "xx"]).map("language:{}".format),
        st.sampled_from(hosts).map("site:{}".format),
        st.sampled_from([*hosts, "https://example.org/rss?0"]).map("feed:{}".format),
        st.sampled_from(stories),
        st.just("happi*"),  # begins the stem of `happy`, and no word
        st.sampled_from(query.values.HAS).map("has:{}".format),
        bounds.map("words:>{}".format),
        st.tuples(bounds, bounds).map(lambda pair: "words:{}..{}".format(*pair)),
    )


def _moments() -> st.SearchStrategy[str]:
    days = [f"2026-02-{day}" for day in (14, 15, 16, 17, 18)]
    named = ["today", "yesterday", "7d", "2d", "2h", "1h", "2026-02", "2026", "1995", "1969", "1w"]
    return st.one_of(
        st.sampled_from([*days, *named]).map("date:{}".format),
        st.sampled_from([*days, *named]).map("after:{}".format),
        st.sampled_from([*days, *named]).map("before:{}".format),
        st.sampled_from(["date:2026-02-15..2026-02-16", "date:..2026-02-15", "date:>2026-02-16"]),
    )
