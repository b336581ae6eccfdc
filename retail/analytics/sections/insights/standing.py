"""What stands as it is now, whatever time is looked at: goods that expire, customers who drift off, open alerts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from retail.analytics.sections.insights.insight import Insight
from retail.analytics.sections.sheet import Sheet
from retail.identity.permissions import EDIT_CATALOGUE, SETTLE_EXCEPTIONS, VIEW_CUSTOMERS, VIEW_STOCK
from retail.kit.quantity import format_quantity
from retail.kit.text import _, ngettext
from retail.runtime.db import Read
from retail.segments import queries as segments
from retail.stock.lots.queries import DAYS_AHEAD, lots

_LOTS_MOST: Final = 200
_ALERTS_BACK: Final = timedelta(days=30)
_AT_RISK: Final = "at_risk"
# An act may stand behind several alerts and counts once.
_ALERTS: Final = """
WITH still AS (
  SELECT a.id FROM risk_alert a
   WHERE a.tenant_id = $1 AND a.occurred_at > $2 AND a.kind <> 'case' AND a.store_id = ANY ($3)
     AND NOT EXISTS (SELECT FROM risk_verdict v WHERE v.tenant_id = $1 AND v.alert_id = a.id))
SELECT (SELECT count(*) FROM still) AS alerts, coalesce(sum(k.amount_minor), 0)::bigint AS amount
  FROM risk_act k
 WHERE k.tenant_id = $1 AND k.id IN (SELECT x.act_id FROM risk_evidence x JOIN still ON still.id = x.alert_id
                                      WHERE x.tenant_id = $1)
"""


async def told_by_standing(read: Read, on: Sheet) -> list[Insight]:
    """Tell what is now, in no order; nothing where more than a store narrows the page."""
    if not by_store_alone(on):
        return []
    return [*await _expiring(read, on), *await _at_risk(read, on), *await _alerts(read, on)]


def by_store_alone(on: Sheet) -> bool:
    """Claim that nothing narrows a page but a store, if anything."""
    return not set(on.asked.said) - {"store"}


def one_store(on: Sheet) -> UUID | None:
    """Give the one store that a page is narrowed to; None for all of them."""
    stores = on.asked.narrowed.stores
    return stores[0] if stores else None


async def _expiring(read: Read, on: Sheet) -> list[Insight]:
    """Tell what expires within a week, to who may see stock and costs."""
    if not (on.costs and read.scope.may(VIEW_STOCK)):
        return []
    store = one_store(on)
    until = on.asked.today + timedelta(days=DAYS_AHEAD)
    page = await lots(read, store=store, until=until, limit=_LOTS_MOST)
    worth = sum(max(0, one.worth_minor) for one in page.items)
    words = _("Goods that cost %(amount)s expire within a week.")
    evidence = f"/stock/lots?{urlencode({'days': DAYS_AHEAD} | ({'store': store} if store else {}))}"
    offer = _("Make an offer of them")
    made = Insight(
        "expiring", words, {"amount": on.short(worth)}, worth, evidence, "/promotions/new", offer, EDIT_CATALOGUE
    )
    return [made] if worth else []


async def _at_risk(read: Read, on: Sheet) -> list[Insight]:
    """Tell what customers at risk are expected to buy, to who may see customers and all stores."""
    if on.asked.said or not (read.scope.may(VIEW_CUSTOMERS) and segments.sees_all(read)):
        return []
    now = await segments.state(read)
    total = (await segments.totals(read)).get(_AT_RISK) if now.ready and now.value_method else None
    if total is None or total.value_minor <= 0:
        return []
    words = ngettext(
        "%(customers)s customer is drifting off, and would buy for %(amount)s in twelve months.",
        "%(customers)s customers are drifting off, and would buy for %(amount)s in twelve months.",
        total.customers,
    )
    facts = {
        "customers": format_quantity(Decimal(total.customers), on.facts.locale),
        "amount": on.short(total.value_minor),
    }
    evidence = f"/analytics/customers?segment={_AT_RISK}"
    offer = _("Make an offer for them")
    return [
        Insight(
            "customers_at_risk", words, facts, total.value_minor, evidence, "/promotions/new", offer, EDIT_CATALOGUE
        )
    ]


async def _alerts(read: Read, on: Sheet) -> list[Insight]:
    """Tell what open alerts of loss prevention of the last 30 days are about, to who settles them."""
    stores = [one.id for one in on.asked.stores if read.scope.may_in(SETTLE_EXCEPTIONS, one.id)]
    if not stores:
        return []
    row = await read.fetchrow(_ALERTS, read.tenant, read.now - _ALERTS_BACK, stores)
    if row is None or not row["amount"]:
        return []
    words = ngettext(
        "%(alerts)s open alert of loss prevention of the last 30 days is about %(amount)s.",
        "%(alerts)s open alerts of loss prevention of the last 30 days are about %(amount)s.",
        row["alerts"],
    )
    facts = {"alerts": format_quantity(Decimal(row["alerts"]), on.facts.locale), "amount": on.short(row["amount"])}
    store = one_store(on)
    where = f"/risk?{urlencode({'state': 'open'} | ({'store': store} if store else {}))}"
    return [Insight("alerts", words, facts, row["amount"], where, where, _("Settle them"), SETTLE_EXCEPTIONS)]
