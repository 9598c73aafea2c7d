"""The store: every way in and out of the database, beside what `Holdings` reads."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from aggregator.model import Article, Feed, Mailing, Subscription
from aggregator.store import (
    bygone,
    changes,
    drifting,
    mailing,
    polling,
    redating,
    saving,
    subscribing,
    upkeep,
)
from aggregator.store.database import Database, driver
from aggregator.store.daybook import Daybook
from aggregator.store.drifting import Drift
from aggregator.store.file import File
from aggregator.store.holdings import Holdings
from aggregator.store.places import Places
from aggregator.store.saving import Delivery, Saved
from aggregator.store.subscribing import Sync
from aggregator.store.upkeep import Retagged
from aggregator.store.writing import Tagger


class Store(Holdings):
    """Articles, feeds and the change log; usable from any thread, one writer at a time.

    `places` is the room of stories: which article stands in which; `daybook` that of editions.

    Every method is one transaction unless it says otherwise, and raises StoreError in words when
    the database cannot do its work.
    """

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._database = Database(file)
        self.places, self.daybook = Places(self._database, file), Daybook(self._database)

    def close(self) -> None:
        """Close the database."""
        self._database.close()
        super().close()

    # --- feeds ------------------------------------------------------------------------------------

    def plan(self, subscriptions: Iterable[Subscription]) -> Sync:
        """What `sync` would do."""
        with self._database.read() as connection:
            return subscribing.plan(connection, subscriptions)

    def sync(self, subscriptions: Iterable[Subscription], *, now: datetime) -> Sync:
        """Make the feeds those of the subscriptions, told apart by their exact URL.

        What is no longer listed is retired: inactive, its articles kept. What is listed again or
        activated again starts anew: due at once at its own URL, no failures. So does a feed whose
        title, language, filters or headers changed: its next document is read whole, even if the
        server would say that nothing changed. What a wrong clock dated after `now` is dated `now`.
        """
        with self._database.write() as connection:
            upkeep.undo_future(connection, now)
            return subscribing.sync(connection, subscriptions)

    def feeds(self) -> list[Feed]:
        """Every feed, retired ones included, in the order of their arrival."""
        with self._file.read() as connection:
            return polling.all_feeds(connection)

    def active(self) -> list[Feed]:
        """Every feed that is subscribed and not paused; their articles are not counted."""
        with self._file.read() as connection:
            return polling.active(connection)

    def feed(self, url: str) -> Feed | None:
        """The feed of this subscription URL."""
        with self._file.read() as connection:
            return polling.one_feed(connection, url)

    def due(self, now: datetime, limit: int) -> list[Feed]:
        """Feeds to poll now, the longest due first, failing ones last; articles are not counted."""
        with self._file.read() as connection:
            return polling.due(connection, now, limit)

    def all_due(self, now: datetime) -> list[polling.Due]:
        """All feeds to poll now, in the order of `due`."""
        with self._file.read() as connection:
            return polling.all_due(connection, now)

    def due_of(self, now: datetime, feed_ids: Collection[int]) -> list[Feed]:
        """Those of some feeds that are to be polled now, in no order; articles are not counted."""
        with self._file.read() as connection:
            return polling.due_of(connection, now, feed_ids)

    def known(self, feed_id: int) -> frozenset[bytes]:
        """Fingerprints of the entries in the feed's last document that the store has."""
        return self.known_of([feed_id])[feed_id]

    def known_of(self, feed_ids: Collection[int]) -> dict[int, frozenset[bytes]]:
        """For each feed the fingerprints of the entries in its last document that are stored."""
        with self._file.read() as connection:
            return polling.known_of(connection, feed_ids)

    def arrivals(self, feed_id: int, limit: int) -> list[datetime]:
        """Dates of the feed's entries, newest first."""
        return self.arrivals_of([feed_id], limit)[feed_id]

    def arrivals_of(self, feed_ids: Collection[int], limit: int) -> dict[int, list[datetime]]:
        """For each feed the dates of its entries, newest first, at most `limit` of them."""
        with self._file.read() as connection:
            return polling.arrivals_of(connection, feed_ids, limit)

    def save_feeds(self, feeds: Sequence[Feed]) -> None:
        """Write what polls without articles (failures, 304s) changed of the states of feeds."""
        with self._file.write() as connection:
            polling.save_states(connection, feeds)

    def postpone(
        self, urls: Collection[str], *, until: datetime, spread: timedelta, why: str
    ) -> None:
        """Ask the feeds of these URLs not before `until`, each at a time of its own in `spread`.

        Those that are due later anyway, and retired ones, stay as they are.
        """
        with self._database.write() as connection:
            subscribing.postpone(connection, urls, until=until, spread=spread, why=why)

    # --- saving -----------------------------------------------------------------------------------

    def save(
        self,
        feed: Feed,
        articles: Sequence[Article],
        *,
        present: Collection[bytes],
        now: datetime,
        tagger: Tagger,
    ) -> Saved:
        """Write what a poll brought, in one transaction: articles, change log, state of the feed.

        For what it is given see `Delivery` and `save_all`.
        """
        (saved,) = self.save_all([Delivery(feed, articles, present)], now=now, tagger=tagger)
        return saved

    def save_all(
        self, deliveries: Sequence[Delivery], *, now: datetime, tagger: Tagger
    ) -> list[Saved]:
        """Write what several polls brought, in their order and in one transaction.

        `tagger` is asked for the tags of each article that is new or changed, as it will be
        stored, with all its sightings. A feed's `last_new` becomes `now` when an article is new.
        """
        with self._database.write() as connection:
            return saving.save(connection, deliveries, now=now, tagger=tagger)

    def star(self, id: str, *, starred: bool = True) -> bool:
        """Star an article, which keeps it from expiring; whether that changed anything."""
        with self._database.write() as connection:
            return upkeep.star(connection, id, starred)

    # --- drifts -----------------------------------------------------------------------------------

    def drifts_of(self, id: str) -> list[Drift]:
        """The drifts of an article, oldest first, also those that were undone."""
        with self._database.read() as connection:
            return drifting.of_article(connection, id)

    def drifts(self, feed_id: int) -> list[Drift]:
        """The drifts of a feed that can be undone, oldest first."""
        with self._database.read() as connection:
            return drifting.of_feed(connection, feed_id)

    def undo_drifts(self, feed_id: int, *, now: datetime, tagger: Tagger) -> int:
        """Undo them: articles say again what they said, the feed is due; return how many."""
        with self._database.write() as connection:
            return drifting.undo(connection, feed_id, now=now, tagger=tagger)

    # --- change log -------------------------------------------------------------------------------

    def prune_changes(self, upto: int) -> int:
        """Forget the changes up to `upto`; how many were forgotten."""
        with self._database.write() as connection:
            return changes.prune(connection, upto)

    # --- letters ----------------------------------------------------------------------------------

    def mailings(self, day: date) -> list[Mailing]:
        """How the letters of a day's editions stand, by topic and recipient."""
        with self._database.read() as connection:
            return mailing.of_day(connection, day)

    def claim_mailing(
        self, day: date, topic: str | None, recipient: str, *, now: datetime
    ) -> Mailing | None:
        """Mark a letter as on its way, before it is sent; None if it was already."""
        with self._database.write() as connection:
            return mailing.claim(connection, day, topic, recipient, now)

    def settle_mailing(self, letter: Mailing, *, now: datetime) -> None:
        """Write what became of a claimed letter."""
        with self._database.write() as connection:
            mailing.settle(connection, letter, now)

    def abandon_mailings(self, before: datetime) -> None:
        """Mark letters on their way since before `before` as `unsure`: their sender died."""
        with self._database.write() as connection:
            mailing.abandon(connection, before)

    # --- upkeep -----------------------------------------------------------------------------------

    def retag(self, tagger: Tagger, *, dry_run: bool = False) -> list[Retagged]:
        """Give every article today's tags: (id, old, new) of each that changes.

        One transaction per 200 articles; a dry run writes nothing.
        """
        begin = self._database.read if dry_run else self._database.write
        retagged: list[Retagged] = []
        position: int | None = 0
        while position is not None:
            with begin() as connection:
                position, batch = upkeep.retag_batch(connection, position, tagger, dry_run=dry_run)
            retagged += batch
        return retagged

    def expire(self, before: datetime, *, now: datetime) -> int:
        """Delete articles dated and first seen before `before`, but no starred ones; how many.

        Their sightings stay, so that an entry still in its feed is not stored again. One
        transaction per 200 articles. Drifts that nobody undid for a month are forgotten,
        and so is by what articles of that time are found again.
        """
        with self._database.write() as connection:
            drifting.forget(connection, now)
            bygone.forget(connection, before)
        total = 0
        while True:
            with self._database.write() as connection:
                expired = upkeep.expire_batch(connection, before)
            if not expired:
                return total
            total += expired

    def forget_dates(self, timezone: ZoneInfo) -> int:
        """Forget the earlier dates of articles with which no local day ended; how many there were.

        No edition shows them, and some feeds give all their articles new dates with every poll.
        """
        with self._database.write() as connection:
            return redating.forget_passing(driver(connection), timezone)

    def newest(self) -> datetime | None:
        """The latest date that a publisher gave an article, None where there is none."""
        with self._database.read() as connection:
            latest: datetime | None = connection.execute(upkeep.NEWEST).scalar()
            return latest

    def optimize(self) -> None:
        """Refresh the planner's statistics and fold the write-ahead log into the file."""
        self._database.run("PRAGMA optimize")
        self._database.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self, target: Path) -> None:
        """Write a consistent copy to a new file, also while the store is being written."""
        self._database.copy(target)

    def problems(self) -> list[str]:
        """What an integrity check of the whole file finds; nothing for a sound one."""
        with self._database.read() as connection:
            return upkeep.problems(connection)
