"""What recent articles find of each other stays bounded, whatever is repeated."""

from aggregator.stories import Background, sketched
from aggregator.stories.past import Remembered
from aggregator.stories.recent import CANDIDATES, HOT, MOST_COPIES, MOST_LINKED, Recent
from tests.support.articles import article

TEXT = " ".join(f"word{number}" for number in range(200))
PAST = Remembered()
BACKGROUND = Background()


def entry(number, *, title="Title", text=TEXT, html="", feed=None):
    made = article(f"{title} {number}", text, feed=feed or f"F{number}", content_html=html)
    return sketched(made, BACKGROUND)


def recent(entries):
    found = Recent(BACKGROUND, PAST.since(entries[0].date))
    for each in entries:
        found.add(each, each.id)
    return found


def test_of_a_text_repeated_without_end_the_latest_are_compared():
    told = [entry(number) for number in range(3 * MOST_COPIES)]

    found = [copy.sketch for _, copy in recent(told).copies(entry(999))]

    assert set(found) == set(told[-MOST_COPIES:])


def test_a_link_of_many_pages_is_furniture():
    html = '<a href="https://court.example/ruling/42">x</a>'
    told = [entry(number, html=html, text=f"{number} alone") for number in range(MOST_LINKED + 1)]
    asking = entry(999, html=html)

    assert len(recent(told[:MOST_LINKED]).linked(asking)) == MOST_LINKED
    assert recent(told).linked(asking) == []


def test_a_term_of_very_many_articles_finds_none():
    told = [entry(number, title="Frisia Nova", text="") for number in range(HOT + 1)]
    asking = entry(999, title="Frisia Nova", text="").head

    assert len(recent(told[:HOT]).alike(asking)) >= CANDIDATES
    assert recent(told).alike(asking) == []


def test_of_many_that_are_alike_those_with_most_weight_are_found_and_their_equals():
    near = [entry(n, title="Frisia Nova Esbjerg", text="") for n in range(CANDIDATES - 1)]
    far = [entry(n + 50, title="Frisia Nova and other things told", text="") for n in range(9)]
    asking = entry(999, title="Frisia Nova Esbjerg", text="").head

    found = recent([*near, *far]).alike(asking)

    assert len(found) > CANDIDATES, "the last of them has equals"
    assert len(set(found)) == len(found)


LONG = "Court hears miller about ferries, quays, cranes, sluices, ramps, sheds, silos, docks"


def padded(number, title, summary="", *, words=5):
    """A title among many words that nobody else has."""
    others = " ".join(f"w{number}x{n}" for n in range(words))
    return entry(number, title=title, text=f"{summary} {others}")


def around(told, asking, *, abroad=False):
    """Which of the articles told may be of one affair with the one that asks."""
    found = recent(told).around(asking.wide, asking.names, abroad=abroad)
    return [-one - 1 for one in sorted(found, reverse=True)]


def test_one_common_word_that_is_no_name_brings_none_near():
    asking = padded(9, "A quiet harvest", "of wheat", words=9)
    chance = padded(1, "Court hears miller", "on wheat")
    two = padded(2, LONG, "on quiet wheat", words=25)
    faint = padded(6, LONG, "on Wheat", words=25)
    named = padded(3, "Court hears miller", "on Wheat")
    much = entry(4, title="Wheat", text="")
    abroad = padded(5, "Kenya court hears miller", "on wheat")
    told = [chance, two, named, much, abroad, faint]

    assert around(told, asking) == [1, 2, 3]
    assert around(told, asking, abroad=True) == [1, 2, 3, 4]
