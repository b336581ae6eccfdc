"""Days as a shop has them: at 23:30 UTC a shop in Berlin has tomorrow's date already."""

from __future__ import annotations

from datetime import date

from retail.kit.clock import business_day
from tests.support.world import Shop


def today(shop: Shop, *, ahead: int = 0) -> date:
    """Give the shop's own date now, or so many days ahead of it (below 0: before it)."""
    day = business_day(shop.db.clock.now(), shop.tenant.timezone)
    return date.fromordinal(day.toordinal() + ahead)
