"""Digests by e-mail, through real mail servers on loopback."""

import asyncio
import email
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import html5lib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st

from aggregator import config
from aggregator.config.models import Email
from aggregator.outputs import mail
from aggregator.outputs.pages import Pages
from aggregator.pipeline import mailing
from aggregator.pipeline.newsroom import opened
from aggregator.pipeline.poll import Poller
from aggregator.pipeline.post import Post
from aggregator.pipeline.service import Service
from aggregator.text import shorten
from tests.support.editions import CHIPS, HOSTILE, NOON, OPERA, edition, paper, story
from tests.support.newsrooms import DAY, SECTIONS, newsroom
from tests.support.server import CERTIFICATE

DESK, CHIEF = "desk@a.example", "chief@a.example"
SECRET = "mellon"


@dataclass
class MailServer:
    """Takes letters; `answers` are given, one an attempt, to recipients or to the text."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, server, session, envelope, address, options
    ):
        self.attempts.append(address)
        answers = self.answers.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as above
        answers = self.answers.get("text", [])
        answer = answers.pop(0) if answers else "250 taken"
        if answer == "hang up":
            server.transport.abort()
            return "250 never heard"
        if answer.startswith("250"):
            text = envelope.content.decode("utf-8" if envelope.smtp_utf8 else "ascii")
            self.letters.append(email.message_from_string(text, policy=default))
            self.recipients += envelope.rcpt_tos
        return answer


def authenticate(server, session, envelope, mechanism, credentials):
    good = (credentials.login, credentials.password) == (b"papers", SECRET.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(
    *, tls: str = "none", utf8: bool = True, **answers: list[str]
) -> Iterator[MailServer]:
    handler = MailServer({key.replace("_at_", "@"): value for key, value in answers.items()})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    options = {"authenticator": authenticate, "auth_require_tls": tls == "starttls"}
    options |= {"enable_SMTPUTF8": utf8}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    elif tls == "tls":
        options |= {"ssl_context": context}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        handler.port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port, **options)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


def sections(server: MailServer, *, to: list[str] | None = None, **settings: object) -> str:
    """feeds.yaml's sections with e-mail by the server."""
    section = {
        "to": to or [DESK],
        "from": "Morning papers <papers@a.example>",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "edition": "today",
        **settings,
    }
    return f"{SECTIONS}\ndigest: {{outputs: [html, email]}}\nemail: {json.dumps(section)}\n"


@pytest.fixture
def desk(tmp_path):
    with newsroom(tmp_path) as desk:
        desk.run("poll")
        yield desk


def send(desk, server, **settings):
    desk.write(list(desk.server.routes), sections=sections(server, **settings))
    return desk.run("digest", "--date", DAY.isoformat(), "--mail")


# --- the letter ---------------------------------------------------------------------------------

STYLE = mail.Style("Morning papers <papers@a.example>")
PAGES = Pages("Morning papers", ZoneInfo("Europe/Berlin"))


def letter(editions, *, topics=False, to=DESK, style=STYLE) -> EmailMessage:
    made = mail.letters(editions, each_topic=topics)[0]
    raw = mail.message(made, to, pages=PAGES, style=style, now=NOON).as_bytes()
    return email.message_from_bytes(raw, policy=default)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return body.get_content()


def test_a_letter_is_text_and_html_with_what_mailboxes_ask_for():
    message = letter(paper(), to="Jörg Müller <joerg@a.example>")
    assert message.get_content_type() == "multipart/alternative"
    assert message["To"] == "Jörg Müller <joerg@a.example>"
    assert message["From"] == "Morning papers <papers@a.example>"
    assert message["Date"].datetime == NOON
    assert message["List-Unsubscribe"] == "<mailto:papers@a.example?subject=unsubscribe>"
    assert message["Auto-Submitted"] == "auto-generated"
    first = paper()[0].stories[0].title
    assert message["Subject"] == f"Morning papers, 17 Feb: {first}"
    assert first in " ".join(part(message, "plain").split())
    html = part(message, "html")
    html5lib.HTMLParser(strict=True).parse(html)
    assert "<style" not in html
    assert "<img" not in html


def test_lines_of_the_text_fit_a_mail_window():
    text = part(letter(paper()), "plain")
    assert all(len(line) <= 72 for line in text.splitlines() if "://" not in line)


def test_pictures_come_on_request():
    pictured = edition(CHIPS, [story("Plant", image="https://a.example/x.jpg")])
    style = mail.Style("p@a.example", images=True)
    assert '<img src="https://a.example/x.jpg"' in part(letter([pictured], style=style), "html")


def test_the_address_to_unsubscribe_can_be_given():
    style = mail.Style("p@a.example", unsubscribe="https://a.example/u")
    assert letter(paper(), style=style)["List-Unsubscribe"] == "<https://a.example/u>"


@pytest.mark.parametrize(
    ("topic", "at"),
    [
        (None, "digest/2026-02-17/"),
        (CHIPS.slug, f"digest/2026-02-17/{CHIPS.slug}/"),
        (mail.WEEK, "week/2026-02-17/"),
    ],
)
def test_a_letter_says_where_it_stands_on_the_web(topic, at):
    made = mail.Letter(date(2026, 2, 17), topic, (edition(CHIPS, [story("Plant")]),))
    for url in (None, "https://papers.example/daily/"):
        style = replace(STYLE, url=url)
        message = mail.message(made, DESK, pages=PAGES, style=style, now=NOON)
        for kind in ("plain", "html"):
            assert ("n the web" in part(message, kind)) == (url is not None)
            assert (f"https://papers.example/daily/{at}" in part(message, kind)) == (
                url is not None
            )


def test_the_same_letter_has_the_same_id_and_another_recipients_another():
    ids = [letter(paper(), to=to)["Message-ID"] for to in (DESK, DESK, CHIEF)]
    assert ids[0] == ids[1] != ids[2]


def test_no_story_stands_in_a_letter_twice():
    both = story("Chip plant opens")
    told = edition(None, [both, story("Rain")]), edition(CHIPS, [both, story("Wafers")])
    text = part(letter(told), "plain")
    assert [text.count(title) for title in ("Chip plant opens", "Rain", "Wafers")] == [1, 1, 1]


def test_topics_without_news_have_no_letter_of_their_own():
    told = [edition(None, [story("Rain")]), edition(CHIPS, [story("Wafers")]), edition(OPERA)]
    assert [each.topic for each in mail.letters(told, each_topic=True)] == ["chips"]
    assert letter(told, topics=True)["Subject"] == "Chips, 17 Feb: Wafers"
    assert mail.letters([edition(None)], each_topic=False) == []
    assert mail.letters([], each_topic=False) == []


def test_hostile_words_stay_words():
    message = letter([edition(CHIPS, [story(HOSTILE, HOSTILE, (HOSTILE,))])])
    html = part(message, "html")
    html5lib.HTMLParser(strict=True).parse(html)
    assert "<script" not in html
    assert "\n" not in message["Subject"]


HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-ID"),
    *("Auto-Submitted", "MIME-Version", "Content-Type"),
}
HOSTILE_TITLES = {
    "another header": "Storm\r\nBcc: spy@a.example\r\n\r\nAnother text",
    "an encoded header": "=?utf-8?q?Storm=0D=0ABcc:_spy@a.example?= comes",
    "an encoded text": "Storm =?utf-8?b?DQoNCk5vdGhpbmcgZWxzZQ==?= comes",
    "a stop on a line": "Storm\r\n.\r\nQUIT",
    "overrides": "Storm \u202egnp.exe \u2067of Lisbon",
    "a thousand letters": "W" * 1000,
    "three hundred words": "storm " * 300,
    "emoji": "\U0001f525\U0001f468\u200d\U0001f469\u200d\U0001f467" * 99,
    "from the right": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd " * 30,
    "controls": "a\x00b\x07c\x1b[31m\u2028d\x85e",
    "half a pair": "\ud83d storm",
    "an address": '"; x@a.example, <y@a.example>',
}


@pytest.mark.parametrize("title", HOSTILE_TITLES.values(), ids=HOSTILE_TITLES)
def test_a_headline_stays_within_its_header_on_the_way_through_a_server(title):
    told = [edition(CHIPS, [story(title, f"{title}. {title}", (title,))])]
    with mail_server() as server:
        settings = Email.model_validate(
            {"to": [DESK], "from": "p@a.example", "host": "127.0.0.1", "port": server.port,
             "security": "none"}
        )  # fmt: skip
        (made,) = mail.letters(told, each_topic=False)
        message = mail.message(made, DESK, pages=PAGES, style=STYLE, now=NOON)
        raw = message.as_bytes()
        with Post(settings) as post:
            assert post.send(message, DESK) == ("sent", None)
        (got,) = server.letters
    assert set(got.keys()) == HEADERS
    assert len(got.keys()) == len(HEADERS)
    assert server.recipients == [DESK]
    assert got.defects == []
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert len(got["Subject"].splitlines()) == 1
    assert len(str(got["Subject"])) < 140
    for kind in ("plain", "html"):
        assert "17 Feb" in part(got, kind)
    assert not set("\u202a\u202e\u2066\u2067\x1b\x07") & set(
        str(got["Subject"]) + part(got, "plain")
    )


WORDS = st.sampled_from(["Storm", "in", "Häuser", "über", "Лиссабон", "東京", "–", "“so”", "😀"])


@given(st.lists(WORDS, min_size=1, max_size=14).map(" ".join))
def test_no_space_of_a_headline_is_lost_in_its_header(title):
    (made,) = mail.letters([edition(CHIPS, [story(title)])], each_topic=False)
    raw = mail.message(made, DESK, pages=PAGES, style=STYLE, now=NOON).as_bytes()
    head, _, _ = raw.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 78
    read = email.message_from_bytes(raw, policy=default)["Subject"]
    assert read == f"Morning papers, 17 Feb: {shorten(title, mail.LEAD)}"


def test_the_list_is_named_where_its_name_can_be_written():
    for title, named in (
        ("Morning papers", "Morning papers <"),
        ("\u05e2\u05d5\u05dc\u05dd", "<"),
        ("A <b>", "<"),
    ):
        made = mail.letters(paper(), each_topic=False)[0]
        pages = Pages(title, ZoneInfo("UTC"))
        message = mail.message(made, DESK, pages=pages, style=STYLE, now=NOON)
        assert str(message["List-ID"]) == f"{named}papers.a.example>"


# --- sending ------------------------------------------------------------------------------------


def test_every_recipient_gets_a_letter_of_his_own_and_none_twice(desk):
    with mail_server() as server:
        ran = send(desk, server, to=[DESK, CHIEF])
        assert ran.code == 0
        assert sorted(server.recipients) == [CHIEF, DESK]
        assert [str(each["To"]) for each in server.letters] == [DESK, CHIEF]
        again = send(desk, server, to=[DESK, CHIEF])
        assert again.code == 0
        assert f"letter to {DESK}: sent" in again.err
        assert len(server.letters) == 2


@pytest.mark.parametrize("sender", ["papers@a.example", "Zeitungen <blätter@bücher.example>"])
def test_addresses_of_any_script_are_written_to_once(desk, sender):
    address = "Jürgen Groß <jürgen@bücher.example>"
    with mail_server() as server:
        for _ in range(2):
            assert send(desk, server, to=[DESK, address], **{"from": sender}).code == 0
        assert server.recipients == [DESK, "jürgen@xn--bcher-kva.example"]
        assert str(server.letters[1]["To"]) == "Jürgen Groß <jürgen@xn--bcher-kva.example>"
        assert (
            server.letters[1]["From"].addresses[0].username == sender.split("<")[-1].split("@")[0]
        )
        assert server.letters[1]["List-Unsubscribe"].isascii()
        text = part(server.letters[1], "plain")
        assert text == part(server.letters[0], "plain")


def test_a_server_that_lacks_such_addresses_is_named_and_keeps_the_others(desk):
    with mail_server(utf8=False) as server:
        ran = send(desk, server, to=["jürgen@a.example", DESK])
        assert ran.code == 1
        assert (
            f"letter to jürgen@a.example: waiting: 127.0.0.1:{server.port} takes only addresses in "
            "ASCII (no SMTPUTF8), not jürgen@a.example"
        ) in ran.err
        assert server.recipients == [DESK]
    with mail_server() as better:
        assert send(desk, better, to=["jürgen@a.example", DESK]).code == 0
        assert better.recipients == ["jürgen@a.example"]


def test_one_letter_a_topic(desk):
    with mail_server() as server:
        assert send(desk, server, letters="topics").code == 0
        subjects = [str(each["Subject"]) for each in server.letters]
        assert len(subjects) == len(set(subjects)) >= 2
        assert not any(subject.startswith("Morning papers") for subject in subjects)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_passwords_travel_encrypted(desk, monkeypatch, security):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("SMTP_PASSWORD", SECRET)
    account = {"host": "localhost", "username": "papers", "password": "$SMTP_PASSWORD"}
    with mail_server(tls=security) as server:
        ran = send(desk, server, security=security, **account)
        assert (ran.code, server.recipients) == (0, [DESK])


def test_a_certificate_that_nobody_vouches_for_is_refused(desk):
    with mail_server(tls="tls") as server:
        ran = send(desk, server, security="tls", host="localhost")
        assert ran.code == 1
        assert "its certificate is not trusted" in ran.err
        assert server.attempts == []


def test_a_wrong_password_is_told(desk, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with mail_server(tls="starttls") as server:
        account = {"host": "localhost", "username": "papers", "password": "wrong"}
        ran = send(desk, server, security="starttls", **account)
        assert ran.code == 1
        assert f"localhost:{server.port} refused the password of papers" in ran.err
        assert "wrong" not in ran.err


def test_a_server_that_asks_to_come_back_is_asked_again(desk):
    with mail_server(desk_at_a_example=[]) as server:
        server.answers[DESK] = ["451 try later"]
        ran = send(desk, server)
        assert (ran.code, ran.lines[-1:]) == (1, ran.lines[-1:])
        assert f"letter to {DESK}: waiting: 451 try later" in ran.err
        assert send(desk, server).code == 0
        assert server.recipients == [DESK]


def test_a_refused_recipient_does_not_keep_others_waiting(desk):
    with mail_server() as server:
        server.answers[DESK] = ["550 no such user"] * 2
        ran = send(desk, server, to=[DESK, CHIEF])
        assert ran.code == 1
        assert f"letter to {DESK}: refused: 550 no such user" in ran.err
        assert server.recipients == [CHIEF]
        send(desk, server, to=[DESK, CHIEF])
        assert server.attempts.count(DESK) == 1


@pytest.mark.parametrize("answer", ["554 spam", "452 disk full"])
def test_a_refused_text_was_not_delivered(desk, answer):
    with mail_server(text=[answer]) as server:
        state = "refused" if answer.startswith("5") else "waiting"
        assert f"{DESK}: {state}: {answer}" in send(desk, server).err
        assert server.letters == []


def test_a_letter_that_may_have_arrived_is_not_sent_again(desk):
    with mail_server(text=["hang up"]) as server:
        assert (
            f"letter to {DESK}: unsure: 127.0.0.1:{server.port} hung up" in send(desk, server).err
        )
        send(desk, server)
        assert (server.attempts, server.letters) == ([DESK], [])


def test_nobody_at_the_port(desk):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = MailServer(port=free.getsockname()[1])
        ran = send(desk, nobody)
    assert ran.code == 1
    assert f"127.0.0.1:{nobody.port}: Connection refused" in ran.err
    assert "Traceback" not in ran.err


def test_a_host_of_no_valid_name_is_told_and_keeps_the_letter(desk):
    host = "ä" * 63
    for _ in range(2):
        ran = send(desk, MailServer(port=25), host=host)
        assert ran.code == 1
        assert f"letter to {DESK}: waiting: {host}:25: " in ran.err


def test_passwords_that_cannot_be_sent_are_told_by_feeds_yaml(desk):
    ran = send(desk, MailServer(port=25), username="papers", password="pässword")
    assert ran.code == 2
    assert "email: username and password can be sent in ASCII characters only" in ran.err


def test_mail_needs_its_section(desk):
    assert "no section `email:`" in desk.run("digest", "--mail").err


# --- when ---------------------------------------------------------------------------------------


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def room(desk, server, at="06:30", weekly=None, **settings):
    when = f'at: "{at}", ' + (f"weekly: {weekly}, " if weekly else "")
    text = sections(server, **settings).replace("digest: {", f"digest: {{{when}")
    desk.write(list(desk.server.routes), sections=text)
    clock = Clock(datetime.combine(DAY, time(12), ZoneInfo("UTC")))
    with opened(config.load(desk.config), clock=clock) as newsroom:
        yield newsroom, clock


@pytest.mark.parametrize(
    ("at", "tells", "now", "told"),
    [
        ("06:30", None, "17 06:29", 15),
        ("06:30", None, "17 06:30", 16),
        ("18:00", None, "17 18:00", 17),
        ("18:00", None, "17 17:59", 16),
        ("18:00", "yesterday", "17 18:00", 16),
        ("06:30", "today", "17 06:30", 17),
    ],
)
def test_which_day_is_told(desk, at, tells, now, told):
    with room(desk, MailServer(port=1), at, edition=tells) as (newsroom, clock):
        clock.now = datetime.strptime(f"2026 02 {now} +0000", "%Y %m %d %H:%M %z")
        assert mailing.due_day(newsroom) == date(2026, 2, told)


def test_a_failed_letter_waits_longer_each_time_and_no_letter_is_lost(desk):
    with mail_server() as server, room(desk, server) as (newsroom, clock):
        server.answers[DESK] = ["451 later"] * 6
        waits = []
        while not server.letters:
            (state,) = mailing.deliver(newsroom, newsroom.config.email, DAY)
            waits.append(
                (state.next_try - clock.now) // timedelta(minutes=1) if state.next_try else 0
            )
            assert mailing.deliver(newsroom, newsroom.config.email, DAY) == [state]
            clock.now = state.next_try or clock.now
        assert waits == [5, 10, 20, 40, 80, 120, 0]


def test_a_letter_may_wait_any_number_of_times(desk):
    with room(desk, MailServer(port=1)) as (newsroom, clock):
        for _ in range(39):
            claimed = newsroom.store.claim_mailing(DAY, None, DESK, now=clock.now)
            newsroom.store.settle_mailing(replace(claimed, state="waiting"), now=clock.now)
        (state,) = mailing.deliver(newsroom, newsroom.config.email, DAY)
        assert (state.attempts, state.next_try) == (40, clock.now + mailing.LAST_RETRY)


def test_a_sender_that_died_on_the_way_is_not_followed_by_another(desk):
    with mail_server() as server, room(desk, server) as (newsroom, clock):
        assert newsroom.store.claim_mailing(DAY, None, DESK, now=clock.now)
        assert newsroom.store.claim_mailing(DAY, None, DESK, now=clock.now) is None
        (state,) = mailing.deliver(newsroom, newsroom.config.email, DAY)
        assert state.state == "sending"
        clock.now += timedelta(minutes=11)
        (state,) = mailing.deliver(newsroom, newsroom.config.email, DAY)
        assert (state.state, server.attempts) == ("unsure", [])


async def settled(service):
    """Waits for the chores, however long they take."""
    while not await service.drain():
        pass


def test_the_poller_mails_what_is_due_once(desk):
    async def main(newsroom, clock):
        async with Poller.open(newsroom) as poller:
            service = Service(newsroom, poller)
            assert "mail" in {job.func.__name__ for job in service.schedule().get_jobs()}
            for _ in range(3):
                await service.mail()
                await settled(service)

    with mail_server() as server, room(desk, server) as (newsroom, clock):
        asyncio.run(main(newsroom, clock))
        assert [str(each["Subject"]).split(":")[0].strip() for each in server.letters] == [
            f"{newsroom.config.settings.title}, {DAY.day} {DAY:%b}"
        ]


def test_the_letter_of_the_week_goes_out_once(desk):
    async def main(newsroom):
        async with Poller.open(newsroom) as poller:
            service = Service(newsroom, poller)
            await service.digest()
            await settled(service)
            for _ in range(3):
                await service.mail()
                await settled(service)

    with (
        mail_server() as server,
        room(desk, server, weekly=f"{DAY + timedelta(days=1):%A}") as (
            newsroom,
            clock,
        ),
    ):
        clock.now += timedelta(days=1)
        asyncio.run(main(newsroom))
        weekly = [s for s in (str(each["Subject"]) for each in server.letters) if "week" in s]
        assert len(weekly) == 1
        assert weekly[0].startswith(f"{newsroom.config.settings.title}, the week to {DAY.day} ")


def test_the_letter_of_a_week_can_be_sent_by_hand_once(desk):
    with mail_server() as server:
        desk.write(list(desk.server.routes), sections=sections(server, to=[DESK, CHIEF]))
        assert desk.run("digest", "--date", DAY.isoformat(), "--mail").code == 0
        for _ in range(2):
            ran = desk.run("digest", "--week", "--date", DAY.isoformat(), "--mail")
            assert ran.code == 0
            assert [line for line in ran.err.splitlines() if line.startswith("letter to")] == [
                f"letter to {CHIEF} about the week: sent",
                f"letter to {DESK} about the week: sent",
            ]
        weekly = [each for each in server.letters if "the week to" in str(each["Subject"])]
        assert [str(each["To"]) for each in weekly] == [DESK, CHIEF]
        assert len(server.letters) == 4


def test_a_letter_of_a_week_that_was_kept_waiting_is_sent_at_once_by_hand(desk):
    with mail_server(text=["451 try later"]) as server:
        desk.write(list(desk.server.routes), sections=sections(server))
        desk.run("digest", "--date", DAY.isoformat())
        week = ("digest", "--week", "--date", DAY.isoformat(), "--mail")
        assert "about the week: waiting: 451 try later" in desk.run(*week).err
        assert "about the week: sent" in desk.run(*week).err


@pytest.mark.parametrize("week", [False, True], ids=["day", "week"])
def test_letters_can_be_looked_at_before_any_is_sent(desk, tmp_path, week):
    with mail_server() as server:
        desk.write(list(desk.server.routes), sections=sections(server, to=[DESK, CHIEF]))
        desk.run("digest", "--date", DAY.isoformat())
        asked = ["digest", "--date", DAY.isoformat(), *["--week"] * week]
        assert desk.run(*asked, "--preview", str(tmp_path / "letters")).code == 0
        assert server.attempts == []
        (raw,) = (tmp_path / "letters").glob("*.eml")
        shown = email.message_from_bytes(raw.read_bytes(), policy=default)
        page = raw.with_suffix(".html").read_text()
        assert desk.run(*asked, "--mail").code == 0
        (sent,) = (each for each in server.letters if each["To"] == shown["To"])
        assert (sent["Subject"], sent["Message-ID"]) == (shown["Subject"], shown["Message-ID"])
        assert part(sent, "plain") == part(shown, "plain")
        assert html5lib.parse(page) is not None
        assert page.splitlines() == part(shown, "html").splitlines()


def test_a_preview_sends_nothing_and_needs_its_section(desk, tmp_path):
    directory = str(tmp_path / "letters")
    assert desk.run("digest", "--mail", "--preview", directory).code == 2
    assert "no section `email:`" in desk.run("digest", "--preview", directory).err


def test_a_template_that_fails_sends_nothing_and_marks_nothing(desk):
    templates = Path(desk.directory) / "mine"
    templates.mkdir()
    (templates / "letter.html").write_text("{{ nothing.at.all }}")
    with mail_server() as server:
        text = sections(server).replace("digest: {", "digest: {templates: mine, ")
        desk.write(list(desk.server.routes), sections=text)
        ran = desk.run("digest", "--date", DAY.isoformat(), "--mail")
        assert (ran.code, server.attempts) == (1, [])
        assert "letter.html:1" in ran.err
        (templates / "letter.html").unlink()
        assert desk.run("digest", "--date", DAY.isoformat(), "--mail").code == 0
