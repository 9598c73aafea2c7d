from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.parse import parse, spans
from tests.support.server import rss

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs",)), max_size=20
)
SNIPPETS = st.sampled_from(
    [
        "plain",
        "<![CDATA[<item>]]>",
        "<![CDATA[</item> & <b>x</b>]]>",
        "<!-- <entry> -->",
        "&amp;lt;item&amp;gt;",
        "&lt;p&gt;text&lt;/p&gt;",
        "<?php <item> ?>",
        "&nbsp;",
        "<b>unclosed",
        "a & b",
        '<media:thumbnail url="https://e.org/i.png"/>',
        '<x xmlns="http://www.w3.org/2005/Atom"/>',
        "<itunes:summary>caption</itunes:summary>",
    ]
)
ELEMENTS = st.sampled_from(
    ["title", "description", "content:encoded", "dc:creator", "category", "guid", "author", "link"]
)
WELL_FORMED = st.sampled_from(
    ["plain", "<![CDATA[<item>]]>", "<!-- </item> -->", "&lt;p&gt;x&lt;/p&gt;", "<?x <item> ?>"]
)
HEADS = st.sampled_from(
    [
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{}</channel></rss>',
        '<rss version="2.0"><channel>{}</channel></rss>',
        '<RDF xmlns="http://purl.org/rss/1.0/">{}</RDF>',
    ]
)
META = "<title>Feed</title><link>https://e.org/</link><ttl>30</ttl><language>en</language>"


def element(name, text):
    return f"<{name}>{text}</{name}>"


def items(snippets, names=ELEMENTS):
    inner = st.lists(st.builds(element, names, snippets), max_size=4).map("".join)
    return st.lists(st.one_of(inner.map(lambda text: f"<item>{text}</item>"), st.just("<item/>")))


def feeds(snippets):
    return st.builds(
        lambda head, before, after: head.format("".join(before) + META + "".join(after)),
        HEADS,
        items(snippets),
        items(snippets),
    )


def read(text, known=frozenset()):
    return parse(text.encode(), content_type=None, url="https://e.org/feed", known=known)


@settings(max_examples=150, deadline=None)
@given(st.one_of(feeds(SNIPPETS), feeds(WELL_FORMED)), st.data())
def test_entries_read_among_known_ones_are_those_of_the_whole_document(text, data):
    whole = read(text)
    known = data.draw(st.frozensets(st.sampled_from(sorted(whole.present) or [b"unknown"])))
    pruned = read(text, known)
    wanted = tuple(entry for entry in whole.entries if entry.fingerprint not in known)
    assert pruned == replace(whole, entries=wanted)


CARRIERS = st.sampled_from(
    [
        "{}", "<!--{}-->", "<![CDATA[{}]]>", "<?x {} ?>", "<x>{}</x>", "<image>{}</image>",
        "<item>{}</item>", "<!-- {}", "{} -->", "<![CDATA[{}", "{}]]>",
        "<?known?>{}", "<a b='{}'/>",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(items(WELL_FORMED), st.data())
def test_known_entries_are_passed_over_only_where_elements_stand(before, data):
    known = read(f"<rss><channel>{''.join(before)}</channel></rss>").present
    entries = st.sampled_from(["", *before, "<item><title>new</title></item>"])
    pieces = st.builds(str.format, CARRIERS, entries)
    text = "".join(data.draw(st.lists(st.one_of(entries, pieces), max_size=5)))
    text = f"<rss><channel><title>T</title>{text}</channel></rss>"
    whole = read(text)
    wanted = tuple(entry for entry in whole.entries if entry.fingerprint not in known)
    assert read(text, known) == replace(whole, entries=wanted)


@given(TEXTS)
def test_a_fingerprint_depends_on_the_entry_alone(text):
    body = text.replace("<", "").replace("&", "").replace(">", "")
    one = spans.find(f"<rss><item>{body}</item></rss>")
    other = spans.find(f"<feed>\n<x/> <item>{body}</item><item/>")
    assert one[0].fingerprint == other[0].fingerprint


def test_when_everything_is_known_the_head_is_still_read():
    body = rss("Title", {"title": "a"}, {"title": "b"}, head="<ttl>60</ttl>").decode()
    whole = read(body)
    pruned = read(body, whole.present)
    assert pruned == replace(whole, entries=())
    assert (pruned.title, pruned.total, len(pruned.present)) == ("Title", 2, 2)


def test_a_changed_entry_is_new_and_its_neighbours_are_known():
    before = read(rss("T", {"guid": "1", "title": "a"}, {"guid": "2", "title": "b"}).decode())
    after = read(
        rss("T", {"guid": "1", "title": "A"}, {"guid": "2", "title": "b"}).decode(), before.present
    )
    assert [entry.title.value for entry in after.entries] == ["A"]


def test_an_entry_of_a_json_feed_is_known_by_all_that_it_says():
    text = '{"items": [{"id": 1, "title": "a"}, {"title": "a", "id": 2}]}'
    whole = read(text)
    assert len(whole.present) == 2
    known = frozenset([whole.entries[0].fingerprint])
    assert read(text, known) == replace(whole, entries=whole.entries[1:])


PIECES = st.sampled_from(
    [
        "<item>", "</item>", "<item/>", "</item >", "<item\n a='1' b=\"/\">", "<item a='>'>",
        "<item a='>'/>",
        "<items>", "</items>", "<ITEM>", "</ITEM>", "<entry>", "</entry>", "<r:item xmlns:r='u'>",
        "</r:item>", "<item xmlns='u'>", "<![CDATA[<item>]]>", "<![CDATA[</item>]]>",
        "<!-- <item/> -->", "<?x </item> ?>", "<!-- -->", "<![CDATA[]]>", "&amp;", "x",
    ]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=8))
def test_entries_that_are_counted_have_the_spans_that_a_search_finds(pieces):
    text = f"<rss>{''.join(pieces)}</rss>"
    found, is_well_formed = spans.outline(text)
    searched = spans.find(text)
    assert [(one.start, one.end) for one in found] == [(one.start, one.end) for one in searched]
    assert (found == searched) or not is_well_formed


def test_a_fingerprint_tells_whether_its_document_was_well_formed():
    entry = "<item><title>a</title></item>"
    sound, damaged, mended = (
        read(f"<rss><channel>{entry}{more}</channel></rss>") for more in ("", "&nbsp;", "\x01")
    )
    assert sound.entries[0].title == damaged.entries[0].title
    assert sound.present == mended.present
    assert sound.present.isdisjoint(damaged.present)


@given(st.lists(st.sampled_from(["x", "<![CDATA[<item></item>]]>", "<!-- <item> -->", "<a/>"])))
def test_entries_stand_where_the_parser_meets_them(contents):
    text = "".join(f"<item>{content}</item>{content}" for content in contents)
    found, is_well_formed = spans.outline(f"<rss>{text}</rss>")
    assert is_well_formed
    assert [text[span.start - 5 : span.end - 5] for span in found] == [
        f"<item>{content}</item>" for content in contents
    ]


def test_a_document_that_is_not_well_formed_is_told():
    assert [spans.outline(text)[1] for text in ("<r/>", "<r>", "<a:r/>", "<r>\x01</r>")] == [
        True, False, False, False,
    ]  # fmt: skip


def test_what_xml_forbids_is_dropped_wherever_it_stands():
    entries = ("<![CDATA[a&#0;b]]>", "<![CDATA[c&#xFFFE;d]]>", "e&#31;f", "g\x0bh", "i&#x20AC;j")
    for number in (1, 2, 5):
        text = "".join(
            f"<item><guid>{at}</guid><title>{title}</title></item>"
            for at, title in enumerate(entries[:number])
        )
        whole = read(f"<rss><channel>{text}</channel></rss>")
        titles = [entry.title.value for entry in whole.entries]
        assert titles == ["ab", "cd", "ef", "gh", "i\u20acj"][:number]
        known = frozenset(whole.entries[at].fingerprint for at in range(1, number))
        pruned = read(f"<rss><channel>{text}</channel></rss>", known)
        assert pruned == replace(whole, entries=whole.entries[:1])


def test_a_root_is_found_behind_what_xml_forbids():
    text = "<r\x01ss><channel><item><title>a</title></item></channel></r\x01ss>"
    assert [entry.title.value for entry in read(text).entries] == ["a"]


def test_unclear_spans_are_no_spans():
    unclear = (
        "<item><item></item></item>",
        "<item>",
        "</item>",
        "<item",
        "<item></entry>",
        "<item></item",
        "<item><![CDATA[</item>",
        "<!-- <item></item>",
    )
    assert [spans.find(text) for text in unclear] == [()] * len(unclear)


def test_prefixes_and_cases_have_spans_too():
    text = "<rss:item a='1'>x</rss:item><ITEM/><Entry>y</Entry><items/><entryway/>"
    cut = [text[span.start : span.end] for span in spans.find(text)]
    assert cut == ["<rss:item a='1'>x</rss:item>", "<ITEM/>", "<Entry>y</Entry>"]
    assert spans.without(text, spans.find(text), {1}) == "<ITEM/><items/><entryway/>"
