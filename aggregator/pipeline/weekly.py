"""The summary of the week, on the day that `digest.weekly` names."""

from datetime import date, timedelta

from aggregator import digest
from aggregator.outputs.layout import Week
from aggregator.outputs.manifest import mark, program
from aggregator.outputs.weeks import Weeks
from aggregator.pipeline.newsroom import Newsroom
from aggregator.pipeline.publish import pages, site


def weeks(newsroom: Newsroom) -> Weeks:
    """The published weeks."""
    config = newsroom.config
    written = [name for name in config.digest.outputs if name != "email"]
    return Weeks(config.digest.output, pages(config), written, config.digest.url)


def due_week(newsroom: Newsroom) -> date | None:
    """The last day of the newest week that is to be told by now; None without `digest.weekly`."""
    settings, now = newsroom.config.digest, newsroom.now()
    if settings.weekly is None:
        return None
    day = now.date() - timedelta(days=now.time() < settings.at)
    since = (day.weekday() - settings.weekly) % digest.WEEK_DAYS
    return day - timedelta(days=since + 1)


def publish_week(newsroom: Newsroom, last: date) -> Week:
    """Summarize the seven days that end with `last` from their published editions, if any."""
    published, shelf = weeks(newsroom), site(newsroom.config).shelf()
    days = [last - timedelta(days=back) for back in reversed(range(digest.WEEK_DAYS))]
    told = {day: sorted(shelf.slugs(day), key=str) for day in days}
    if not any(told.values()):
        return Week(last, ())
    made_from = mark(
        program(),
        published.look,
        *((day, slug, shelf.fingerprint(day, slug)) for day in days for slug in told[day]),
    )
    known = published.week(last)
    if known is None or known.made_from != made_from:
        editions = digest.week(last, (each for day in days for each in shelf.editions(day)))
        published.publish(last, editions, made_from)
    return published.week(last) or Week(last, ())
