"""What the forecast gives to look at: a month to come that is weaker than the one that was."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from retail.analytics.rules import change
from retail.analytics.sections.asking import Narrowed
from retail.analytics.sections.insights.insight import Insight
from retail.analytics.sections.insights.standing import by_store_alone, one_store
from retail.analytics.sections.sheet import Sheet
from retail.foresight import queries
from retail.foresight.asking import PATH
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.text import _
from retail.runtime.db import Read

_DAYS: Final = 28
"""Four weeks: each weekday as often before as after."""
_CLEAR: Final = 20
"""What falls by less than a twentieth isn't told."""


async def falling(read: Read, on: Sheet) -> list[Insight]:
    """Tell that the next four weeks are expected to bring less than the last four, of one store or of all."""
    store = one_store(on)
    if not by_store_alone(on) or (store is None and read.scope.stores is not None):
        return []
    found = await queries.series(read, "revenue", store, None, None)
    if found is None or found.low is None or len(found.likely) < _DAYS:
        return []
    narrowed = Narrowed(stores=(store,)) if store else Narrowed()
    days = await queries.sold(read, "revenue", narrowed, found.first - timedelta(days=1), _DAYS)
    was, will = int(sum((amount for _day, amount in days), Decimal(0))), int(sum(found.likely[:_DAYS]))
    moved = change(will, was)
    if moved is None or moved.direction != "down" or (was - will) * _CLEAR < was:
        return []
    words = _("The next four weeks are expected to bring %(amount)s less than the last four (%(change)s).")
    facts = {"amount": on.short(was - will), "change": on.moved(moved)}
    evidence = PATH + (f"?{urlencode({'store': store})}" if store else "")
    return [
        Insight(
            "forecast_falls",
            words,
            facts,
            was - will,
            evidence,
            f"{evidence}#what-if",
            _("Try what helps"),
            VIEW_DASHBOARD,
        )
    ]
