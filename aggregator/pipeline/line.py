"""Who is polled next: feeds wait at their sites, each has few at a time, and all take turns."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable


class Line:
    """Feeds, by number, that wait to be polled or are; at most `per_site` of a site are.

    A site that has as many is passed over, so those that wait for it hold up nobody else.
    """

    def __init__(self, per_site: int) -> None:
        self._per_site = per_site
        self._sites: dict[int, Hashable] = {}
        self._waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        self._called: Counter[Hashable] = Counter()
        self._ready: dict[Hashable, None] = {}

    def __contains__(self, feed: int) -> bool:
        return feed in self._sites

    def join(self, feed: int, site: Hashable) -> None:
        """Let a feed that is not in line wait behind the others of its site."""
        self._sites[feed] = site
        self._waiting[site].append(feed)
        self._see(site)

    def call(self, most: int) -> Collection[int]:
        """The next feeds, one of each site before a second of any; they stay until they leave."""
        called: list[int] = []
        while self._ready and len(called) < most:
            site = next(iter(self._ready))
            del self._ready[site]
            called.append(self._waiting[site].popleft())
            self._called[site] += 1
            self._see(site)
        return called

    def leave(self, feed: int) -> None:
        """Let a feed go that was called."""
        site = self._sites.pop(feed)
        self._called[site] -= 1
        self._see(site)

    def _see(self, site: Hashable) -> None:
        """Note whether a site has a feed that may be called; forget one that nobody asks for."""
        if self._waiting[site]:
            if self._called[site] < self._per_site:
                self._ready.setdefault(site)
            return
        del self._waiting[site]
        if not self._called[site]:
            del self._called[site]


class Lanes:
    """Two lines: of feeds that answer in time, and of patient ones, whose servers take long.

    At most `patient` of these are called at a time; they hold up each other only.
    """

    def __init__(self, per_site: int, patient: int) -> None:
        self._line, self._patient = Line(per_site), Line(per_site)
        self._most_patient = patient
        self._called: set[int] = set()

    def __contains__(self, feed: int) -> bool:
        return feed in self._line or feed in self._patient

    def join(self, feed: int, site: Hashable, *, patient: bool) -> None:
        """Let a feed that is not in line wait behind the others of its kind and site."""
        (self._patient if patient else self._line).join(feed, site)

    def call(self, most: int) -> Collection[int]:
        """The next feeds of both lines; if it is but one, of those that answer in time."""
        free = self._most_patient - len(self._called)
        called = self._line.call(min(most, max(most - free, 1)))
        patient = self._patient.call(min(most - len(called), free))
        self._called.update(patient)
        return [*called, *patient]

    def leave(self, feed: int) -> None:
        """Let a feed go that was called."""
        if feed in self._called:
            self._called.remove(feed)
            self._patient.leave(feed)
        else:
            self._line.leave(feed)
