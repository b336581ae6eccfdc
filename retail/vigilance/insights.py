"""What unusual days give to look at: money that was expected and did not come, where nobody said why yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from retail.analytics import writing
from retail.analytics.sections.insights.insight import Insight
from retail.analytics.sections.insights.standing import by_store_alone, one_store
from retail.analytics.sections.sheet import Sheet
from retail.identity.permissions import SETTLE_EXCEPTIONS
from retail.kit.text import _
from retail.runtime.db import Read
from retail.vigilance.unusual import Wanted, unusual_days

_BACK: Final = timedelta(days=14)
_LOOKED_AT: Final = 50
_MOST: Final = 2


async def missed(read: Read, on: Sheet) -> list[Insight]:
    """Tell which open unusual days of the last fortnight sold least of what was expected."""
    if not by_store_alone(on):
        return []
    page = await unusual_days(read, Wanted(one_store(on), "open"), limit=_LOOKED_AT)
    since = on.asked.today - _BACK
    found = []
    for one in page.items:
        lost = one.expected - one.sold
        if not one.below or one.store_name is None or one.day < since or lost <= 0:
            continue
        facts = {
            "store": one.store_name,
            "amount": on.short(lost),
            "day": writing.day_label(one.day, _BACK.days, on.facts.locale),
        }
        found.append(
            Insight(
                "unusual",
                _("%(store)s sold %(amount)s less than expected on %(day)s."),
                facts,
                lost,
                f"/analytics/unusual/{one.id}",
                f"/analytics/unusual/{one.id}",
                _("Say what it was"),
                SETTLE_EXCEPTIONS,
            )
        )
    return sorted(found, key=lambda one: -one.at_stake)[:_MOST]
