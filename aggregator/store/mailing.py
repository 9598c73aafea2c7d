"""Which letters were sent: a mark before one leaves, another when it arrived."""

from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from aggregator.model import Mailing
from aggregator.store.schema import mailings

_NAMES = tuple(column.name for column in mailings.columns if column.name != "changed")


def of_day(connection: Connection, day: date) -> list[Mailing]:
    """The letters of a day's editions, by topic and recipient."""
    wanted = select(mailings).where(mailings.c.day == day.isoformat())
    rows = connection.execute(wanted.order_by(mailings.c.topic, mailings.c.recipient))
    return [
        Mailing(
            day=day,
            topic=row.topic or None,
            recipient=row.recipient,
            state=row.state,
            attempts=row.attempts,
            next_try=row.next_try,
            error=row.error,
        )
        for row in rows
    ]


def claim(
    connection: Connection, day: date, topic: str | None, recipient: str, now: datetime
) -> Mailing | None:
    """Mark a letter as on its way; None where it is already or was."""
    found = next(
        (
            each
            for each in of_day(connection, day)
            if (each.topic, each.recipient) == (topic, recipient)
        ),
        None,
    )
    if found is not None and found.state != "waiting":
        return None
    claimed = Mailing(day, topic, recipient, attempts=1 + (found.attempts if found else 0))
    if found is None:
        connection.execute(insert(mailings).values(**_row(claimed), changed=now))
    else:
        _update(connection, claimed, now)
    return claimed


def settle(connection: Connection, mailing: Mailing, now: datetime) -> None:
    """Write what became of a letter that was claimed."""
    _update(connection, mailing, now)


def abandon(connection: Connection, before: datetime) -> None:
    """Mark letters that have been on their way since before `before`: nobody knows of them."""
    connection.execute(
        update(mailings)
        .where(mailings.c.state == "sending", mailings.c.changed < before)
        .values(state="unsure", error="the program ended while it was sent")
    )


def _update(connection: Connection, mailing: Mailing, now: datetime) -> None:
    row = _row(mailing)
    keys = (mailings.c[name] == row.pop(name) for name in ("day", "topic", "recipient"))
    connection.execute(update(mailings).where(*keys).values(**row, changed=now))


def _row(mailing: Mailing) -> dict[str, object]:
    row = {name: getattr(mailing, name) for name in _NAMES}
    return {**row, "day": mailing.day.isoformat(), "topic": mailing.topic or ""}
