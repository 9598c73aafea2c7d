"""A made-up newspaper: editions, articles and feeds as the pipeline would hand them over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from aggregator.model import (
    Article,
    Comments,
    Dateline,
    Edition,
    Enclosure,
    Feed,
    Report,
    Sighting,
    Story,
    Tag,
    Topic,
)

DAY = date(2026, 2, 17)
NOON = datetime(2026, 2, 17, 11, 0, tzinfo=UTC)

MIDDLE_EAST = Topic("Middle East", "middle-east", 'tag:"Middle East"')
CHIPS = Topic("Chips", "chips", "semiconductor* OR title:nvidia")
SCIENCE = Topic("Science", "science", "tag:science")
OPERA = Topic("Opera", "opera", "opera")

HOSTILE = '</title><script>alert("1")</script> \' " & ]]> \x00\x1b\ud800 😀 <b>'
LONG_WORD = "Donaudampfschiff" * 625


def report(
    title: str,
    feed: str = "Daily Example",
    hours: float = 0,
    language: str | None = "en",
    url: str | None = "",
    source: str | None = None,
    origin: str | None = None,
) -> Report:
    """A report `hours` before noon; its URL is made from its title unless given."""
    key = f"{hash_of(title + feed):016x}"
    address = f"https://{host_of(feed)}/2026/02/{key}" if url == "" else url
    when = NOON - timedelta(hours=hours)
    whose = feed if source is None else source
    return Report(key, title, address, feed, when, language, source=whose, origin=origin)


def hash_of(text: str) -> int:
    """A small hash that is equal in every process."""
    value = 7
    for character in text:
        value = (value * 31 + ord(character)) % (1 << 64)
    return value


def host_of(feed: str) -> str:
    """A host name for a made-up paper."""
    return "".join(c for c in feed.lower() if "a" <= c <= "z") + ".example"


def story(
    title: str,
    summary: str = "",
    sources: Sequence[str] = ("Daily Example",),
    *,
    tags: Sequence[str] = (),
    language: str | None = "en",
    image: str | None = None,
    score: float = 1.0,
    more: Sequence[Report] = (),
    why: Sequence[str] = (),
) -> Story:
    """A story told by `sources`, the first of them leading."""
    reports = (
        *(report(title, name, index * 1.7, language) for index, name in enumerate(sources)),
        *more,
    )
    return Story(
        id=reports[0].id if reports else f"{hash_of(title):016x}",
        title=title,
        summary=summary,
        url=reports[0].url if reports else None,
        image=image,
        score=score,
        reports=reports,
        sources=tuple(dict.fromkeys(each.feed for each in reports)),
        tags=tuple((label.lower().replace(" ", "-"), label) for label in tags),
        why=tuple(why),
        language=language,
    )


def edition(
    topic: Topic | None, stories: Sequence[Story] = (), *, day: date = DAY, **changes: object
) -> Edition:
    """An edition whose numbers and tags follow from its stories."""
    tags = [tag for each in stories for tag in each.tags]
    counted = {tag: tags.count(tag) for tag in tags}
    ranked = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    values: dict[str, object] = {
        "day": day,
        "topic": topic,
        "timezone": "Europe/Berlin",
        "articles": sum(len(each.reports) for each in stories),
        "sources": len({name for each in stories for name in each.sources}),
        "stories": tuple(stories),
        "tags": tuple((slug, label, number) for (slug, label), number in ranked),
    }
    return Edition(**{**values, **changes})  # type: ignore[arg-type]


def picture(name: str) -> str:
    """The URL of a picture that nobody serves."""
    return f"https://pictures.example/{name}.jpg"


def middle_east() -> list[Story]:
    """Nine stories in four languages."""
    return [
        story(
            "Mediators table a sixty-day truce as border crossings reopen",
            "Negotiators in Cairo put a written proposal to both sides on Monday night: sixty days "
            "without fire, a staged return of the displaced and daily convoys through three "
            "crossings. Both sides asked for two days to answer.",
            ("Harbour Times", "Levant Courier", "Morning Ledger", "Agence Est", "The Observer Post",
             "Radio Nord"),
            tags=("Middle East", "Truce talks", "Egypt", "Diplomacy"),
            image=picture("crossing"),
            score=9.2,
            more=(
                report("What is in the sixty-day text, line by line", "Morning Ledger", 3.2),
                report("הצעת הפסקת האש: מה כתוב בה", "Levant Courier", 4, "he"),
                report("Crossings reopen to a queue of four hundred lorries", "Harbour Times", 9),
            ),
            why=("titles share “truce”, “crossings”", "told within five hours"),
        ),
        story(
            "שר האוצר הציג תקציב דו־שנתי: העלאת מע״מ וקיצוץ רוחבי במשרדי הממשלה",
            "התקציב יעלה להצבעה ראשונה בשבוע הבא. באוצר מעריכים שהגירעון יירד לשלושה אחוזים; "
            "באופוזיציה מדברים על „גזירה על מעמד הביניים״.",
            ("Levant Courier", "Harbour Times"),
            tags=("Israel", "Economy"),
            language="he",
            score=6.1,
        ),
        story(
            "مصر تعلن عن خط قطار سريع يربط القاهرة بأسوان قبل نهاية العام",
            "قالت وزارة النقل إن المرحلة الأولى ستدخل الخدمة في الخريف، وإن الرحلة ستستغرق أربع "
            "ساعات بدلا من اثنتي عشرة.",
            ("Agence Est",),
            tags=("Egypt", "Railways"),
            language="ar",
            score=5.0,
        ),
        story(
            "Tehran and Vienna agree on dates for inspectors' return",
            "Inspectors are to visit two sites in March, the agency said, the first access in ten "
            "months.",
            ("Morning Ledger", "Radio Nord", "The Observer Post"),
            tags=("Iran", "Diplomacy"),
            image=picture("vienna"),
            score=4.4,
        ),
        story("Desalination plant off Haifa passes its first full year", "", ("Harbour Times",),
              tags=("Israel", "Water"), score=3.9),
        *(
            story(title, "A short account of what happened and of what it means for those who live "
                  "there.", ("Levant Courier", "Agence Est")[: 1 + index % 2],
                  tags=("Middle East",), score=3 - index / 10)
            for index, title in enumerate((
                "Beirut's port gets a new grain silo, sixteen storeys high",
                "Amman's bus drivers end a nine-day strike",
                "A Bronze Age archive surfaces in a Basra cellar",
                "Gulf airlines restore night flights over the strait",
            ))
        ),
    ]  # fmt: skip


def chips() -> list[Story]:
    """Six stories, one in Japanese."""
    return [
        story(
            "Memory prices fall for the first time in fourteen months",
            "Contract prices for server memory slipped four percent in February as two makers "
            "brought new lines up ahead of plan. Phone makers expect relief by the summer.",
            ("Silicon Weekly", "Morning Ledger", "Radio Nord"),
            tags=("Semiconductors", "Prices"),
            image=picture("wafer"),
            score=7.0,
        ),
        story(
            "国内半導体メーカー、2ナノ世代の試作ラインを前倒しで稼働へ",
            "北海道の新工場で四月にも試作を始める。装置の搬入は予定より六週間早く、量産は来年後半を見込む。",
            ("北方新報",),
            tags=("Japan", "Semiconductors"),
            language="ja",
            score=5.5,
        ),
        story("Open instruction sets reach the car: three makers share one core",
              "The design is free for anyone to build, and comes with its safety proofs.",
              ("Silicon Weekly", "Harbour Times"), tags=("Semiconductors", "Cars"), score=4.9),
        story("Export rules: licences now last four years", "", ("Morning Ledger",),
              tags=("Trade",), score=4.0),
        story("A lab grows transistors on paper", "They work damp, and compost.",
              ("The Observer Post",), tags=("Science",), score=3.3),
        story("Second-hand lithography machines find a market", "", ("Silicon Weekly",), score=3.0),
    ]  # fmt: skip


def science() -> list[Story]:
    """A thin day: two stories, one of a single report without address."""
    return [
        story("Seismologists hear the inner core slow down again",
              "Twenty years of paired earthquakes say that it turned back around 2010.",
              ("The Observer Post", "Radio Nord"), tags=("Science",), score=4.2),
        story("Radio: the owl that learned to hunt by streetlight", "", (),
              more=(report("Radio: the owl that learned to hunt by streetlight", "Radio Nord", 2,
                           url=None),), score=2.0),
    ]  # fmt: skip


def paper(day: date = DAY) -> list[Edition]:
    """One day of the paper: a front edition, three topics with news and a quiet one."""
    everything = sorted(
        [*middle_east(), *chips(), *science(), elsewhere()], key=lambda story: -story.score
    )
    made = [
        edition(None, everything),
        edition(MIDDLE_EAST, middle_east()),
        edition(CHIPS, chips()),
        edition(SCIENCE, science()),
        edition(OPERA),
    ]
    return [dated(each, day) for each in made]


def dated(made: Edition, day: date) -> Edition:
    """The edition with everything in it moved to another day; story ids move with it."""
    shift = day - made.day
    stories = tuple(
        replace(
            each,
            id=f"{each.id}-{shift.days}" if shift else each.id,
            reports=tuple(replace(told, date=told.date + shift) for told in each.reports),
        )
        for each in made.stories
    )
    return replace(made, day=day, stories=stories)


def elsewhere() -> Story:
    """A story of no topic."""
    return story("The last ferry to Hallig Süd is sold to a circus", "It floats well, they say.",
                 ("Radio Nord",), tags=("Ships",), score=1.2)  # fmt: skip


def article(title: str = "A lab grows transistors on paper", **changes: object) -> Article:
    """An article with everything that an article can have."""
    values: dict[str, object] = {
        "id": f"{hash_of(title):016x}",
        "url": "https://observer.example/2026/02/paper?a=1&b=2",
        "title": title,
        "summary": "They work damp, and compost. A team in Graz printed a working adder on kraft "
        "paper and then buried it.",
        "content_html": BODY,
        "text": "A transistor is a tap. The one that Ines Moravec holds up against the window ...",
        "date": NOON,
        "first_seen": NOON + timedelta(minutes=4),
        "published": NOON,
        "updated": NOON + timedelta(hours=1),
        "authors": ("Ines Moravec", "Tom Adeyemi"),
        "language": "en",
        "image": picture("paper"),
        "enclosures": (
            Enclosure("https://observer.example/audio/paper.mp3", "audio/mpeg", 9381120),
        ),
        "comments": Comments("https://observer.example/2026/02/paper#comments", None, 48),
        "dateline": Dateline("GRAZ", "Reuters", DAY),
        "words": 812,
        "sightings": (
            Sighting("https://observer.example/feed.xml", "The Observer Post", "tag:1"),
            Sighting("https://planet.example/rss", "Planet Lab", "p-77"),
        ),
        "tags": (
            Tag("science", "Science", "feed", "the feed's own category “Science”"),
            Tag("semiconductors", "Semiconductors", "rule", "the rule “transistor*” matches"),
        ),
        "story": "s1",
        "revisions": 2,
    }
    return Article(**{**values, **changes})  # type: ignore[arg-type]


BODY = """<p>A transistor is a tap. The one that Ines Moravec holds up against the window is brown,
soft at the corners and smells of a parcel.</p>
<h1>How it is made</h1>
<p>Her group prints
<a href="https://example.org/ink" rel="noopener noreferrer nofollow">carbon ink</a> on kraft paper,
then soaks it in a salt that never quite dries. <em>That</em> is the trick: water, the enemy of
every other circuit, carries the current here.</p>
<blockquote><p>“We lost the first batch to a snail.”</p></blockquote>
<p>An adder of forty transistors ran for nine weeks in a flower pot.</p>
<ul><li>switches in 3 ms</li><li>costs a cent</li><li>rots in a season</li></ul>
<pre><code>sum = a ^ b ^ carry</code></pre>
<p>No one expects a fast computer of it.</p>"""


def feed(title: str | None = "The Observer Post", **changes: object) -> Feed:
    """A healthy feed, polled ten minutes before noon."""
    values: dict[str, object] = {
        "id": 1,
        "url": "https://observer.example/feed.xml",
        "fetch_url": "https://observer.example/feed.xml",
        "title": title,
        "site_url": "https://observer.example/",
        "next_poll": NOON + timedelta(minutes=20),
        "why": ("every 30 minutes: it brings news about that often",),
        "last_poll": NOON - timedelta(minutes=10),
        "last_success": NOON - timedelta(minutes=10),
        "last_new": NOON - timedelta(hours=2),
        "http_status": 200,
        "articles": 1204,
    }
    return Feed(**{**values, **changes})  # type: ignore[arg-type]
