"""What is known of taxes when sales are taken in: their dated rates and parts, and what the sales name."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from retail.catalog.taxes.rules import Exemption, Part
from retail.runtime.db import Tx
from retail.sales.documents import SaleIn
from retail.sales.taxing import PLAIN, TaxClass, Taxing

DATED: Final = """
(SELECT json_agg(json_build_array(x.code, r.from_date, r.rate_micros, r.parts) ORDER BY r.from_date)
   FROM tax_rate r JOIN tax_class x ON x.tenant_id = $1 AND x.id = r.tax_class_id WHERE r.tenant_id = $1)"""
PARTED: Final = """
(SELECT json_agg(json_build_array(x.code, c.name, c.rate_micros, c.compound) ORDER BY c.position)
   FROM tax_component c JOIN tax_class x ON x.tenant_id = $1 AND x.id = c.tax_class_id WHERE c.tenant_id = $1)"""


async def taxing(tx: Tx, dated: str | None, parted: str | None, sales: Sequence[SaleIn]) -> Taxing:
    """Put together what DATED and PARTED gave, and look up what the sales name; mostly there is nothing of it all."""
    ways = {sale.fiscal_position for sale in sales if sale.fiscal_position}
    given = {sale.exemption for sale in sales if sale.exemption}
    if not (dated or parted or ways or given):
        return PLAIN
    rates: defaultdict[str, list[tuple[date, int]]] = defaultdict(list)
    by_day: defaultdict[str, list[tuple[date, tuple[Part, ...]]]] = defaultdict(list)
    for code, begins, rate, made_of in json.loads(dated or "[]"):
        rates[code].append((date.fromisoformat(begins), rate))
        by_day[code].append((date.fromisoformat(begins), tuple(Part(**one) for one in made_of or ())))
    parts: defaultdict[str, list[Part]] = defaultdict(list)
    for code, name, rate, compound in json.loads(parted or "[]"):
        parts[code].append(Part(name, rate, compound))
    return Taxing(
        dict(rates),
        dict(parts),
        await _positions(tx, ways) if ways else {},
        await _exemptions(tx, given) if given else {},
        dict(by_day),
    )


async def _positions(tx: Tx, ids: set[UUID]) -> dict[UUID, dict[str, TaxClass]]:
    """Read ways to tax, also those that tills no longer offer: a sale may have been made before."""
    rows = await tx.fetch(
        """SELECT p.id, f.code AS given, t.code AS taxed, t.rate_micros
             FROM fiscal_position p
             LEFT JOIN fiscal_mapping m ON m.tenant_id = $1 AND m.position_id = p.id
             LEFT JOIN tax_class f ON f.tenant_id = $1 AND f.id = m.from_class_id
             LEFT JOIN tax_class t ON t.tenant_id = $1 AND t.id = m.to_class_id
            WHERE p.tenant_id = $1 AND p.id = ANY($2)""",
        tx.tenant,
        list(ids),
    )
    found: dict[UUID, dict[str, TaxClass]] = {row["id"]: {} for row in rows}
    for row in rows:
        if row["given"] is not None:
            found[row["id"]][row["given"]] = TaxClass(row["taxed"], row["rate_micros"])
    return found


async def _exemptions(tx: Tx, ids: set[UUID]) -> dict[UUID, Exemption]:
    """Read exemptions. One that was ended holds up to the day on which it was: a till may not have known."""
    rows = await tx.fetch(
        """SELECT e.id, e.customer_ref, x.code, e.starts_on, least(e.ends_on, e.ended_at::date) AS ends_on
             FROM tax_exemption e
             LEFT JOIN tax_class x ON x.tenant_id = $1 AND x.id = e.tax_class_id
            WHERE e.tenant_id = $1 AND e.id = ANY($2)""",
        tx.tenant,
        list(ids),
    )
    return {row["id"]: Exemption(*row.values()) for row in rows}
