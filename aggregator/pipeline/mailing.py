"""Mailing: the editions of a day to every recipient, each letter once."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage

from aggregator.config.models import Email
from aggregator.model import Mailing, MailingState
from aggregator.outputs import mail
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.post import Post
from aggregator.pipeline.publish import is_behind, pages, publish, site
from aggregator.pipeline.weekly import publish_week

log = logging.getLogger(__name__)

NOON = time(12)
FIRST_RETRY = timedelta(minutes=5)
LAST_RETRY = timedelta(hours=2)
MOST_DOUBLINGS = 16
INTERRUPTED = timedelta(minutes=10)
"""How long a letter is on its way at most; after that its sender must have died."""


def wanted(newsroom: Newsroom) -> Email | None:
    """The settings of e-mail, if the outputs of digests include it."""
    return newsroom.config.email if "email" in newsroom.config.digest.outputs else None


def due_day(newsroom: Newsroom) -> date:
    """The day whose editions are to be in the mail by now."""
    at, settings, now = newsroom.config.digest.at, newsroom.config.email, newsroom.now()
    tells = settings.edition if settings and settings.edition else None
    of_yesterday = tells == "yesterday" or (tells is None and at < NOON)
    back = (now.time() < at) + of_yesterday
    return now.date() - timedelta(days=back)


def deliver(
    newsroom: Newsroom, settings: Email, day: date, *, at_once: bool = False
) -> list[Mailing]:
    """Send the letters of a day that were not sent yet; those that failed when it is time again.

    With `at_once` those that failed do not wait.

    Returns how every letter of the day stands. A letter is marked before it leaves and after it
    arrived: one whose sender died in between may have arrived, and is not sent again.
    """
    if is_behind(newsroom, day):
        publish(newsroom, day)
    _send(newsroom, settings, _letters(newsroom, settings, day), at_once=at_once)
    return [each for each in newsroom.store.mailings(day) if each.topic != mail.WEEK]


def deliver_week(
    newsroom: Newsroom, settings: Email, last: date, *, at_once: bool = False
) -> list[Mailing]:
    """Send the letters of the week that ended with `last`, as `deliver` does those of a day."""
    _send(newsroom, settings, _letters_of_week(newsroom, last), at_once=at_once)
    return [each for each in newsroom.store.mailings(last) if each.topic == mail.WEEK]


def drafts(newsroom: Newsroom, settings: Email, day: date, *, week: bool) -> list[EmailMessage]:
    """The letters of a published day, or of the week that ended with it, to the first recipient."""
    letters = _letters_of_week(newsroom, day) if week else _letters(newsroom, settings, day)
    return [_message(newsroom, settings, letter, settings.to[0]) for letter in letters]


def _letters(newsroom: Newsroom, settings: Email, day: date) -> list[mail.Letter]:
    editions = site(newsroom.config).shelf().editions(day)
    return mail.letters(editions, each_topic=settings.letters == "topics")


def _letters_of_week(newsroom: Newsroom, last: date) -> list[mail.Letter]:
    letter = mail.weekly_letter(last, publish_week(newsroom, last).editions)
    return [letter] if letter else []


def _message(
    newsroom: Newsroom, settings: Email, letter: mail.Letter, recipient: str
) -> EmailMessage:
    return mail.message(
        letter,
        recipient,
        pages=pages(newsroom.config),
        style=mail.Style(
            settings.sender, settings.unsubscribe, settings.images, newsroom.config.digest.url
        ),
        now=newsroom.clock(),
    )


def _send(
    newsroom: Newsroom, settings: Email, letters: Iterable[mail.Letter], *, at_once: bool
) -> None:
    now = newsroom.clock()
    newsroom.store.abandon_mailings(now - INTERRUPTED)
    with Post(settings) as post:
        for letter, recipient in _waiting(newsroom, settings, letters, at_once=at_once):
            made = _message(newsroom, settings, letter, recipient)
            claimed = newsroom.store.claim_mailing(letter.day, letter.topic, recipient, now=now)
            if claimed:
                outcome = _after(claimed, *post.send(made, recipient), now)
                newsroom.store.settle_mailing(outcome, now=newsroom.clock())
                _tell(outcome)


def _waiting(
    newsroom: Newsroom, settings: Email, letters: Iterable[mail.Letter], *, at_once: bool
) -> Iterator[tuple[mail.Letter, str]]:
    now = newsroom.clock()
    for letter in letters:
        stand = newsroom.store.mailings(letter.day)
        states = {(each.topic, each.recipient): each for each in stand}
        for recipient in settings.to:
            state = states.get((letter.topic, recipient))
            if state is None or state.is_due(None if at_once else now):
                yield letter, recipient


def _after(claimed: Mailing, state: MailingState, error: str | None, now: datetime) -> Mailing:
    doublings = min(claimed.attempts - 1, MOST_DOUBLINGS)
    wait = min(FIRST_RETRY * 2**doublings, LAST_RETRY)
    next_try = now + wait if state == "waiting" else None
    return replace(claimed, state=state, error=error, next_try=next_try)


def _tell(mailing: Mailing) -> None:
    if mailing.state == "sent":
        log.info("mailed %s to %s", mailing.day, mailing.recipient)
    elif mailing.attempts == 1 or mailing.state != "waiting":
        log.warning("mail to %s: %s: %s", mailing.recipient, mailing.state, mailing.error)
