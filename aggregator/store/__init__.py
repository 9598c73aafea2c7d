"""The database: the truth about feeds and articles."""

from typing import TYPE_CHECKING

from aggregator import lazy

if TYPE_CHECKING:
    from aggregator.store.bygone import Sketched
    from aggregator.store.drifting import Drift
    from aggregator.store.holdings import Holdings
    from aggregator.store.locking import lock, turn
    from aggregator.store.saving import Delivery, Saved
    from aggregator.store.store import Store
    from aggregator.store.subscribing import Sync
    from aggregator.store.telling import Outline, Placed
else:
    __getattr__ = lazy.attributes(
        __name__,
        {"Drift": "drifting", "Holdings": "holdings", "Store": "store", "Sync": "subscribing"}
        | {"Sketched": "bygone"}
        | dict.fromkeys(("lock", "turn"), "locking")
        | dict.fromkeys(("Delivery", "Saved"), "saving")
        | dict.fromkeys(("Outline", "Placed"), "telling"),
    )

__all__ = [
    "Delivery",
    "Drift",
    "Holdings",
    "Outline",
    "Placed",
    "Saved",
    "Sketched",
    "Store",
    "Sync",
    "lock",
    "turn",
]
