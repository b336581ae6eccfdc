"""An offer with coupons and a trial that is done, for pages to show."""

from __future__ import annotations

from uuid import UUID

from retail.kit.ids import new_id
from retail.promotions import coupons, offers, trials
from retail.promotions.coupons import Series
from retail.promotions.facts import OfferFacts
from tests.support.world import Shop


async def an_offer(shop: Shop) -> UUID:
    """Start an offer; its trial has its id, so that a page of both is filled with one id."""
    async with shop.db.begin(shop.scope) as tx:
        terms = {"goods": {"products": [str(shop.products[0].id)]}, "percent": 1000}
        of = await offers.create(tx, OfferFacts(new_id(), "Ten off", "percent", terms, coupon=True))
        await offers.turn(tx, of.id, "running")
        await coupons.make_series(tx, Series(new_id(), of.id, "made", "TEN", 1, None), 3)
        trial = await trials.begin(tx, of.id)
        await trials.walk(tx, trial)
        await tx.execute("UPDATE offer_trial SET id = offer_id WHERE tenant_id = $1 AND id = $2", tx.tenant, trial)
    return of.id
