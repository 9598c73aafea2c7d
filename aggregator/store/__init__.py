"""The database: the truth about feeds and articles."""

from aggregator.store.lock import lock
from aggregator.store.saving import Delivery, Saved
from aggregator.store.store import Store
from aggregator.store.subscribing import Sync

__all__ = ["Delivery", "Saved", "Store", "Sync", "lock"]
