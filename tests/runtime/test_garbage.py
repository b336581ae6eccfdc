"""What stays is left out of collections."""

from __future__ import annotations

import gc

from retail.runtime.garbage import spare_what_stays


def test_what_is_loaded_is_not_looked_at_again() -> None:
    thresholds = gc.get_threshold()
    try:
        spare_what_stays()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold()[0] > thresholds[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
