"""Editions as e-mail: multipart/alternative, text and HTML with inline styles (RFC 5322, 2046)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from urllib.parse import quote

from aggregator.model import Edition
from aggregator.outputs import layout, plain
from aggregator.outputs.pages import Pages
from aggregator.outputs.shelf import folder
from aggregator.outputs.wording import plainly, short_date
from aggregator.text import shorten

WIDTH = 72
"""Columns of the text part: quoted replies stay within 80."""
WEEK = "@week"
"""What stands for a topic in letters of the week: no slug has such a character."""
LEAD = 90
"""Characters of the first headline in the subject line."""


LONG_WORD = 50
"""Characters of a word that would make a line of a header too long."""


class Subject(BaseHeader):
    """A subject line; where it is not ASCII all of it is encoded (RFC 2047).

    The email package encodes word by word, and now and then loses the space between two of them.
    """

    max_count = 1
    parse = staticmethod(UniqueUnstructuredHeader.parse)

    def fold(self, *, policy: Policy) -> str:
        """Return the header in lines of at most 78 characters."""
        is_plain = self.isascii() and max(map(len, self.split())) < LONG_WORD
        header = Header(str(self), "us-ascii" if is_plain else "utf-8", 78, self.name)
        return f"{self.name}: {header.encode(linesep=policy.linesep)}{policy.linesep}"


_LOCAL = "!$'*+-.^_`{|}~"
"""What may stand before the @ of a `mailto:` as it is (RFC 6068, section 2)."""

HEADERS = HeaderRegistry()
HEADERS.map_to_type("subject", Subject)
POLICY = SMTP.clone(header_factory=HEADERS)


@dataclass(frozen=True, slots=True)
class Style:
    """How letters look and where they come from; addresses as feeds.yaml has them.

    `url` is where the site is reached, with a slash at its end.
    """

    sender: str
    unsubscribe: str | None = None
    images: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What one recipient is told of one day: all topics, or the one named by its slug, or WEEK."""

    day: date
    topic: str | None
    editions: tuple[Edition, ...]

    @property
    def is_weekly(self) -> bool:
        """Whether it tells of the week that ended with its day."""
        return self.topic == WEEK


def letters(editions: Sequence[Edition], *, each_topic: bool) -> list[Letter]:
    """Returns what is worth sending of a day's editions: letters without stories are left out."""
    if each_topic:
        found = [
            Letter(edition.day, edition.topic.slug, (edition,))
            for edition in editions
            if edition.topic
        ]
    else:
        found = [Letter(editions[0].day, None, layout.letter(editions))] if editions else []
    return [each for each in found if any(edition.stories for edition in each.editions)]


def weekly_letter(last: date, editions: Sequence[Edition]) -> Letter | None:
    """Returns the letter of the week that ended with a day; None if there is nothing to tell."""
    told = layout.letter(editions)
    return Letter(last, WEEK, told) if told else None


def message(
    letter: Letter, recipient: str, *, pages: Pages, style: Style, now: datetime
) -> EmailMessage:
    """Returns the letter for one recipient, dated `now`; raises AggregatorError for a template.

    The Message-ID depends on day, topic and recipient alone, so that a mailbox can tell a copy.
    Its headers are in UTF-8 (RFC 6532) where an address has other letters than those of ASCII.
    """
    made = EmailMessage(policy=POLICY.clone(utf8=not are_in_ascii(style.sender, recipient)))
    made["From"], made["To"] = _address(style.sender), _address(recipient)
    made["Subject"] = _subject(pages.title, letter)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = _message_id(letter, recipient, style.sender)
    made["List-Unsubscribe"] = f"<{style.unsubscribe or _by_letter(style.sender)}>"
    made["List-ID"] = f"{_phrase(pages.title)} <{_list(style.sender)}>".lstrip()
    made["Auto-Submitted"] = "auto-generated"
    address = _address_of(letter, style.url)
    made.set_content(_text(pages.title, letter, address), cte="quoted-printable")
    page = pages.letter(
        letter.editions, images=style.images, weekly=letter.is_weekly, address=address
    )
    made.add_alternative(page, subtype="html", cte="quoted-printable")
    return made


def are_in_ascii(*mailboxes: str) -> bool:
    """Returns whether addresses can be written to without SMTPUTF8, whatever their names are."""
    return all(parseaddr(each)[1].isascii() for each in mailboxes)


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _subject(paper: str, letter: Letter) -> str:
    edition = letter.editions[0]
    name = edition.topic.name if letter.topic and edition.topic else paper
    lead = shorten(edition.stories[0].title, LEAD)
    when = f"the week to {_short(letter.day)}" if letter.is_weekly else _short(letter.day)
    name = paper if letter.is_weekly else name
    return _header(f"{name}, {when}: {lead}")


def _header(text: str) -> str:
    """The text on one line; nothing in it is decoded as an encoded word (RFC 2047), twice or once.

    The email package decodes what a header is given: `=0D=0A` there would begin another header.
    """
    return " ".join(plainly(text).split()).replace("=?", "= ?")


def _phrase(text: str) -> str:
    """The text if it can stand before an address as it is, else nothing."""
    return text if text.isascii() and text.replace(" ", "").isalnum() else ""


def _short(day: date) -> str:
    return short_date(day).rsplit(" ", 1)[0]


def _address_of(letter: Letter, url: str | None) -> str | None:
    """Returns where the site has what the letter tells."""
    if url is None:
        return None
    if letter.is_weekly:
        return f"{url}week/{letter.day}/"
    return f"{url}{folder(letter.day, quote(letter.topic) if letter.topic else None)}"


def _text(paper: str, letter: Letter, address: str | None) -> str:
    head = "" if letter.topic and not letter.is_weekly else f"{plainly(paper)}\n\n"
    head += f"The week to {short_date(letter.day)}\n\n" if letter.is_weekly else ""
    foot = f"\nOn the web: {address}\n" if address else ""
    return head + plain.text(letter.editions, WIDTH, links=True) + foot


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]


def _list(sender: str) -> str:
    local, _, domain = parseaddr(sender)[1].rpartition("@")
    return f"{local}.{domain}"


def _by_letter(sender: str) -> str:
    local, _, domain = parseaddr(sender)[1].rpartition("@")
    return f"mailto:{quote(local, safe=_LOCAL)}@{domain}?subject=unsubscribe"


def _message_id(letter: Letter, recipient: str, sender: str) -> str:
    key = f"{letter.day}\n{letter.topic or ''}\n{recipient}\n{sender}"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{_domain(sender)}>"
