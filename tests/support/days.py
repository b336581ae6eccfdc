"""Days as a shop has them: at 23:30 UTC a shop in Berlin has tomorrow's date already, and it sells on until four."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from retail.kit.clock import business_day
from tests.support.world import Shop

_ZONE: Final = "Europe/Berlin"
_CUTOFF: Final = 4


def today(shop: Shop, *, ahead: int = 0) -> date:
    """Give the shop's own date now, or so many days ahead of it (below 0: before it)."""
    day = business_day(shop.db.clock.now(), shop.tenant.timezone)
    return date.fromordinal(day.toordinal() + ahead)


def trading_day(at: datetime | None = None) -> date:
    """Name the day on which a test's stores sell at a moment, now if none is given."""
    return business_day(at or datetime.now(UTC), _ZONE, _CUTOFF)


def noon_ago(shop: Shop, ago: int) -> datetime:
    """Give the middle of the trading day so many before this one: it has that date in UTC as well."""
    day = trading_day(shop.db.clock.now()) - timedelta(days=ago)
    return datetime.combine(day, time(12), ZoneInfo(_ZONE)).astimezone(UTC)


def written(at: datetime) -> str:
    """Write a moment as tills do."""
    return at.isoformat().replace("+00:00", "Z")
