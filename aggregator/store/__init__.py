"""The database: the truth about feeds and articles."""

from aggregator.store.drifting import Drift
from aggregator.store.lock import lock, turn
from aggregator.store.saving import Delivery, Saved
from aggregator.store.store import Store
from aggregator.store.subscribing import Sync
from aggregator.store.telling import Outline, Placed

__all__ = ["Delivery", "Drift", "Outline", "Placed", "Saved", "Store", "Sync", "lock", "turn"]
