"""Plans that rest on a price which has become another one are worked out again: docs/algorithms/prices.md, section 8.

A rule of a part or an amount says what it does to the price that holds right before its moment. Where that price is
changed, planned or taken back afterwards, what the rule comes to is another price.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Final
from uuid import UUID

from retail.catalog.prices.ahead import AHEAD
from retail.catalog.prices.reading import terms
from retail.catalog.prices.reckoning import RESTING, Subject, propose, rule_of
from retail.runtime.db import Row, Tx

# What sets a price of its own stands before what follows from it in a list at the same moment.
_PLANS: Final = f"""
SELECT a.id, a.product_id, a.list_id, a.batch_id, a.to_minor, ab.rule, p.price_minor, x.rate_micros
  FROM product p JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
  JOIN LATERAL (SELECT a.* {AHEAD} AND a.product_id = p.id) a ON true
  LEFT JOIN price_batch ab ON ab.tenant_id = $1 AND ab.id = a.batch_id
 WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
 ORDER BY a.product_id, a.effective_at, a.list_id IS NOT NULL, a.id"""  # noqa: S608 - of constants
_RESTS: Final = f"""
SELECT EXISTS (SELECT {AHEAD} AND a.product_id = ANY ($2::uuid[]) AND ab.rule ->> 'kind' = ANY ($3::text[]))
"""
_WRITE: Final = """
UPDATE price_change c SET to_minor = u.to_minor FROM unnest($2::uuid[], $3::bigint[]) AS u (id, to_minor)
 WHERE c.tenant_id = $1 AND c.id = u.id
"""


async def rework(tx: Tx, products: Sequence[UUID]) -> int:
    """Work planned new prices of products out again where they rest on another price now; give how many changed.

    The caller holds the catalogue head and has tills told of these products.
    """
    if not products or not await tx.fetchval(_RESTS, tx.tenant, list(products), list(RESTING)):
        return 0
    include = (await terms(tx)).prices_include_tax
    rows = await tx.fetch(_PLANS, tx.tenant, list(products))
    news: list[tuple[Row, int]] = []
    for _product, plans in groupby(rows, itemgetter("product_id")):
        news += _worked_out(plans, include=include)
    if news:
        await tx.execute(_WRITE, tx.tenant, [row["id"] for row, _price in news], [price for _row, price in news])
    for batch, count in Counter(row["batch_id"] for row, _price in news).items():
        tx.audit("prices.batch_reworked", "price_batch", batch, products=count)
    return len(news)


def _worked_out(plans: Iterable[Row], *, include: bool) -> list[tuple[Row, int]]:
    """Follow one product's own price through its plans; give those that come to another price, with that price."""
    news, own = [], None
    for row in plans:
        own = row["price_minor"] if own is None else own
        price = row["to_minor"]
        rule = rule_of(json.loads(row["rule"])) if row["rule"] else None
        if rule is not None and rule.kind in RESTING:
            price = propose(rule, Subject(own, Decimal(0), row["rate_micros"], include)).price_minor
            if price != row["to_minor"]:
                news.append((row, price))
        if row["list_id"] is None:
            own = price
    return news
