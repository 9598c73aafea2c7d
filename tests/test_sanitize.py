import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import Image
from aggregator.sanitize import MAX_LENGTH, MAX_TAGS, clean, is_tracker
from aggregator.text import visible
from tests.support.pace import within
from tests.support.purity import ELEMENTS, blemishes_of_html

BASE = "https://news.example.org/world/today.html"
REL = 'rel="noopener noreferrer nofollow"'

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)' onload=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=javascript:alert(1)>",
    "<img src=`javascript:alert(1)`>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img srcset='javascript:alert(1) 2x'>",
    "<img data-src='javascript:alert(1)'>",
    "<img/onerror=alert(1)/src=x>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#x6A&#x61vascript&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='feed:javascript:alert(1)'>x</a>",
    "<a href='view-source:javascript:alert(1)'>x</a>",
    "<a href='//evil.example' onclick=alert(1) style='position:fixed' id=x class=y>x</a>",
    "<a href='https://ok.example' target=_blank ping=https://evil.example download>x</a>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><foreignObject><iframe src=javascript:alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<p title='</noscript><img src=x onerror=alert(1)>'>",
    "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title></title><img src=x onerror=alert(1)>",
    "<xmp></xmp><img src=x onerror=alert(1)>",
    "<noembed></noembed><img src=x onerror=alert(1)>",
    "<noframes><style></noframes><img src=x onerror=alert(1)>",
    "<select><template><style></template></select><img src=x onerror=alert(1)>",
    "<table><td><svg><desc><table><style><td></style><img src=x onerror=alert(1)>",
    "<svg><![CDATA[><image xlink:href=']]><img src=x onerror=alert(1)//'></svg>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<!doctype html><html><body onload=alert(1)>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=javascript:alert(1)><param name=x></object>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x></applet>",
    "<form action=javascript:alert(1)><input type=submit><button formaction=javascript:alert(1)>",
    "<isindex action=javascript:alert(1) type=image>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<base href=javascript:alert(1)//>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<td background=javascript:alert(1)>x</td>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<b <script>alert(1)</script>0",
    "<a href='https://ok.example/\"><script>alert(1)</script>'>x</a>",
    "<img alt='\"><script>alert(1)</script>' src=https://ok.example/a.jpg>",
    "<img src='https://s.w.org/images/core/emoji/a.png' alt='<script>alert(1)</script>'>",
    "<abbr title='\"><img src=x onerror=alert(1)>'>x</abbr>",
    "\ud800<script>alert(1)</script>\udfff",
]


def assert_safe(html: str) -> None:
    assert list(blemishes_of_html(html)) == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_gets_through(attack):
    for html in (attack, f"<p>before {attack} after</p>", f"<table><tr>{attack}</tr></table>"):
        cleaned = clean(html, BASE)
        assert_safe(cleaned.html)
        assert clean(cleaned.html, BASE).html == cleaned.html
        assert cleaned.text == visible(cleaned.html)


FRAGMENTS = st.sampled_from(
    [
        *ATTACKS,
        *("<p>", "</p>", "<b>", "</b>", "<table>", "<tr>", "<td>", "</table>", "<svg>", "<a>"),
        *("</a>", "<math>", "<style>", "</style>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;"),
        *("&#0;", "<img src=/a.jpg alt='", "'>", '">', "<pre>\n\n", "<ruby>", "<rt>", "text"),
        *("\x00", "\ud800", "<li>", "<dd>", "<div>", "</div>", "<ul>", "<fieldset>"),
    ]
)


@pytest.mark.parametrize(
    "html",
    [
        "<li><table><div><li>x",
        "<li><fieldset><div><li>x",
        "<dd><table><p><dt>x",
        "<ul><li><marquee><address><dl><dd><dir><p><dd><fieldset><li>x",
        "<abbr title='<ul>'><li><fieldset><div><li>x",
    ],
)
def test_items_that_a_list_has_lost_close_nothing_around_them(html):
    cleaned = clean(html, BASE)
    assert_safe(cleaned.html)
    assert clean(cleaned.html, BASE).html == cleaned.html
    assert cleaned.text == "x"


def test_what_is_hidden_stays_away_when_html_is_cleaned_twice():
    html = "<li><fieldset><div><li><img src=/a.jpg style='display: none'>x"
    assert "<img" not in clean(html, BASE).html


def test_html_that_does_not_settle_becomes_text():
    html = "<li><fieldset><pre>" + "\n" * 20 + "<li>x"
    assert clean(html, BASE).html == "<p>x</p>"


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS | st.text(max_size=10), max_size=12).map("".join))
def test_no_mixture_of_markup_is_unsafe_or_makes_it_raise(html):
    cleaned = clean(html, BASE)
    assert_safe(cleaned.html)
    cleaned.html.encode()
    assert cleaned.text == visible(cleaned.html)


@pytest.mark.parametrize(
    "base", [None, "", "not a url", "javascript:alert(1)", BASE, "http://[::1"]
)
def test_any_base_will_do(base):
    assert_safe(clean("<a href=x>y</a><img src=/z.jpg>", base).html)


def test_what_articles_are_made_of_stays():
    html = (
        "<h2>Head</h2><p>One <em>two</em> <strong>three</strong></p><ul><li>Four</li></ul>"
        '<blockquote>5</blockquote><table><tbody><tr><td colspan="2">Six</td></tr></tbody></table>'
        '<pre><code>seven()\n  8</code></pre><p lang="ja" dir="ltr"><ruby>漢<rt>kan</rt></ruby></p>'
        '<time datetime="2026-02-17">today</time><abbr title="World">W</abbr>'
    )
    assert clean(html, BASE).html == html


def test_links_are_absolute_and_marked():
    cleaned = clean(
        "<a href='../a b.html?x=1&amp;y=2' title=t>x</a><a href=mailto:a@b.c>m</a>", BASE
    )
    url = "https://news.example.org/a%20b.html?x=1&y=2"
    assert cleaned.html == (
        f'<a href="{url.replace("&", "&amp;")}" title="t" {REL}>x</a><a {REL}>m</a>'
    )
    assert cleaned.links == (url,)


def test_links_and_images_are_listed_in_order_and_links_once():
    cleaned = clean(
        "<a href=/1>a</a><img src=/i.jpg width=640 height=480><a href=/2>b</a><a href=/1>c</a>"
        "<img src=/j.jpg>",
        BASE,
    )
    assert cleaned.links == ("https://news.example.org/1", "https://news.example.org/2")
    assert cleaned.images == (
        Image("https://news.example.org/i.jpg", 640, 480),
        Image("https://news.example.org/j.jpg"),
    )


@pytest.mark.parametrize(
    "html",
    [
        "<img src=/a.jpg>",
        "<img data-src=/a.jpg src='data:image/gif;base64,R0lGOD'>",
        "<img data-lazy-src=/a.jpg src=/blank.gif>",
        "<img data-original=/a.jpg src=/grey.jpg>",
        "<img srcset='/s.jpg 320w, /a.jpg 1024w, /m.jpg 640w'>",
        "<img data-srcset='/s.jpg 1x, /a.jpg 2x' src='data:image/png;base64,AA'>",
        "<img src=/spacer.gif data-orig-file=/a.jpg>",
        "<img src=/a.jpg srcset='/huge.jpg 4000w'>",
        "<picture><source srcset=/x.webp><img src=/a.jpg></picture>",
        "<img data-srcset='/a.jpg' src=''>",
        "<img srcset='/s.jpg 1x,/a.jpg 2x'>",
        "<img srcset='/a.jpg, /s.jpg 0.5x'>",
    ],
)
def test_an_image_shows_what_it_will_show(html):
    cleaned = clean(html, BASE)
    assert cleaned.images == (Image("https://news.example.org/a.jpg"),)
    assert cleaned.html == '<img src="https://news.example.org/a.jpg" alt="">'


def test_an_image_keeps_its_texts_and_sizes():
    html = (
        '<img src="/a.jpg" alt="a &quot;b&quot; &lt;c&gt;" title="t" width="600px" height="40.5">'
    )
    assert clean(html, BASE).html == (
        '<img src="https://news.example.org/a.jpg" alt="a &quot;b&quot; &lt;c&gt;" title="t"'
        ' width="600" height="40">'
    )


@pytest.mark.parametrize(
    "html",
    [
        "<img src=/a.gif width=1 height=1>",
        "<img src=/a.gif width=0 height=0>",
        "<img src=/a.gif height=1px>",
        "<img src=/a.gif style='display: none'>",
        "<img src=/a.gif style='width:1px;height:1px'>",
        "<img src=https://feeds.feedburner.com/~r/example/~4/x>",
        "<img src=https://pixel.wp.com/b.gif?host=example.org>",
        "<img src='https://www.facebook.com/tr?id=1&amp;ev=PageView'>",
        "<img src=https://b.scorecardresearch.com/p?c1=2>",
        "<img src=https://counter.example.org/content/1/count.gif>",
        "<img src=https://media.example.org/tracking/site-rss-pixel.png?story=1>",
        "<img alt='no source'>",
    ],
)
def test_what_only_counts_readers_goes(html):
    cleaned = clean(f"<p>{html}text</p>", BASE)
    assert cleaned.html == "<p>text</p>"
    assert cleaned.images == ()


def test_sizes_alone_make_a_tracker_and_names_alone_too():
    assert is_tracker(Image("https://example.org/a.jpg", 1, 400))
    assert is_tracker(Image("https://example.org/pixel.gif"))
    assert not is_tracker(Image("https://example.org/pixel-phone.jpg", 300, None))
    assert not is_tracker(Image("https://pixel.example.org/photo.jpg"))


def test_pictures_of_emoji_become_emoji():
    html = "<p>Hi <img src=https://s.w.org/images/core/emoji/15/72x72/1f600.png alt='😀'></p>"
    assert clean(html, BASE).html == "<p>Hi 😀</p>"


def test_the_text_is_that_of_the_clean_html():
    cleaned = clean(
        "<h1>A &amp; B</h1><p>one<br>two   three</p><script>x</script><style>y</style>", BASE
    )
    assert cleaned.text == "A & B\none\ntwo three"


@pytest.mark.parametrize("tag", sorted(ELEMENTS))
def test_the_text_breaks_where_visible_text_does(tag):
    cleaned = clean(f"<p>a \n <{tag} title='x'> b</{tag}>\u00a0c&amp;lt;d<{tag}>e", BASE)
    assert cleaned.text == visible(cleaned.html)


def test_plain_text_needs_no_parsing():
    cleaned = clean("a &amp; b > c \x01\ud800", None)
    assert (cleaned.html, cleaned.text) == ("a &amp; b &gt; c �", "a & b > c �")


def test_control_characters_go():
    assert clean("<p>a\x00b\x0bc&#1;d\ufffee</p>", None).html == "<p>abcde</p>"


def test_absurd_numbers_go():
    html = "<table><tbody><tr><td colspan=9999999>x</td><td rowspan=x>y</td></tr></tbody></table>"
    assert "span" not in clean(html, None).html


HUGE = 200_000
BOMBS = {
    "nested blocks": "<div>" * 20_000,
    "nested lists": "<ul><li>" * 20_000,
    "nested quotes": "<blockquote>" * HUGE,
    "nested tables": "<table><tr><td>" * 20_000,
    "nested formatting": "".join(f"<b a={i}>" for i in range(1_900)) + "<p>x</p>" * 1_000,
    "reopened formatting": "<p>"
    + "".join(f"<i x='{i}'>" for i in range(1_900))
    + "</p>"
    + "<p>x</p>" * 500,
    "reopened fonts": "<p>"
    + "".join(f"<font/{i}>" for i in range(2_000))
    + "</p>"
    + "<p>x" * 1_000,
    "many attributes": "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">x",
    "open quotes": "<a href='" * HUGE,
    "open tags": "<p <p " * HUGE,
    "open comments": "<!--" * HUGE,
    "open sections": "<![CDATA[" * HUGE,
    "ampersands": "&amp" * HUGE,
    "brackets": "<" * HUGE,
    "closing tags": "</p>" * HUGE,
    "foreign": "<svg><math>" * 20_000,
    "images": "<img src=/a.jpg " * HUGE,
    "endless srcset": "<img srcset='" + "a" * HUGE + " b'>",
    "srcset": "<img srcset='" + "a, " * HUGE + "'>",
    "long text": "<p>" + "word " * HUGE,
    "spans": "<span>x</span>" * 50_000,
    "style": "<img src=/a.jpg style='" + "width : " * 50_000 + "'>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_bomb_takes_long(name):
    with within(3):
        cleaned = clean(BOMBS[name], BASE)
    assert len(cleaned.html) < 8 * MAX_LENGTH
    assert len(cleaned.text) <= MAX_LENGTH


def test_long_articles_keep_their_paragraphs():
    html = "".join(f"<p>Paragraph <b>{i}</b></p>" for i in range(MAX_TAGS // 4))
    assert clean(html, BASE).html == html


def test_wrappers_go_before_paragraphs_do():
    cleaned = clean("<p>" + "<span class=k>def</span> " * MAX_TAGS + "</p><p>end</p>", BASE)
    assert cleaned.html.endswith("</p><p>end</p>")


def test_what_has_too_many_tags_keeps_its_text():
    cleaned = clean("<i>one</i><br>" * MAX_TAGS + "<div>two</div>", BASE)
    assert cleaned.text.startswith("one\none\n")
    assert cleaned.text.endswith("one\ntwo")
    assert "<i>" not in cleaned.html
    assert clean("one <i>two</i>" * MAX_TAGS, BASE).html.startswith("<p>one two")
