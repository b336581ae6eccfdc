"""The demo's offers: three for two, a happy hour, and a coupon for a large basket."""

from __future__ import annotations

from typing import Any, Final

from retail.demo.premises import Premises
from retail.kit.ids import new_id
from retail.promotions import coupons, offers
from retail.promotions.coupons import Series
from retail.promotions.facts import OfferFacts
from retail.runtime.db import Tx

_HAPPY: Final = ({"days": [0, 1, 2, 3, 4], "from": 17 * 60, "to": 19 * 60},)
_WORD: Final = "WELCOME5"


async def run_offers(tx: Tx, premises: Premises) -> None:
    """Make the offers and start them."""
    groups = await tx.fetch("SELECT id FROM category WHERE tenant_id = $1 ORDER BY position LIMIT 2", tx.tenant)
    first, second = (str(row["id"]) for row in groups)
    chosen = [str(premises.ids[at]) for at, one in enumerate(premises.articles) if one.decimals == 0][:6]
    three: dict[str, Any] = {"goods": {"products": chosen}, "buy": 2, "free": 1, "percent": 10_000}
    happy = {"goods": {"categories": [first]}, "percent": 2000}
    large = {"goods": {"not_categories": [second]}, "from": 5000, "amount": 500}
    wanted = [
        OfferFacts(new_id(), "Three for two", "buy_get", three),
        OfferFacts(new_id(), "Happy hour", "percent", happy, windows=_HAPPY),
        OfferFacts(new_id(), "Welcome", "basket", large, exclusive=False, coupon=True),
    ]
    for one in wanted:
        await offers.create(tx, one)
        await offers.turn(tx, one.id, "running")
    await coupons.make_series(tx, Series(new_id(), wanted[-1].id, "word", _WORD, None, None), 1)
