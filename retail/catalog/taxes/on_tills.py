"""What tills know of taxes beside each class and its rate: days to come, parts, other ways to tax, who is exempt."""

from __future__ import annotations

from typing import Any

from retail.catalog.queries import TaxClassFacts
from retail.catalog.taxes import dating, keeping
from retail.catalog.taxes.parting import as_json, parts_of
from retail.runtime.db import Read


async def taxes_on_tills(read: Read, classes: list[TaxClassFacts]) -> dict[str, Any]:
    """Give `tax_classes` with `rates` and `parts` where they have any, `positions`, `exemptions`.

    `rates` are [[day, rate, parts], ...], the parts [] where it had none; [[day, rate], ...] of one that never had any.
    """
    dated, parted = await dating.histories(read), await parts_of(read)
    code = {one.id: one.code for one in classes}
    told = []
    for one in classes:
        facts: dict[str, Any] = {"id": str(one.id), "code": one.code, "name": one.name, "rate_micros": one.rate_micros}
        if one.id in dated:
            ever = one.id in parted or any(rate.parts for rate in dated[one.id])
            facts["rates"] = [_rate(rate, in_parts=ever) for rate in dated[one.id]]
        if one.id in parted:
            facts["parts"] = [as_json(part) for part in parted[one.id]]
        told.append(facts)
    return {
        "tax_classes": told,
        "positions": [
            {"id": str(one.id), "name": one.name, "taxed_as": {code[a]: code[b] for a, b in one.mapping.items()}}
            for one in await keeping.positions(read)
        ],
        "exemptions": [
            {
                "id": str(one.id),
                "customer": one.customer,
                "name": one.name or one.customer,
                "card": one.card,
                "reason": one.reason,
                "tax_class": code[one.tax_class] if one.tax_class else None,
                "starts_on": one.starts_on.isoformat(),
                "ends_on": one.ends_on.isoformat() if one.ends_on else None,
            }
            for one in await keeping.exemptions(read)
        ],
    }


def _rate(rate: dating.DatedRate, *, in_parts: bool) -> list[object]:
    told: list[object] = [rate.from_date.isoformat(), rate.rate_micros]
    return [*told, [as_json(part) for part in rate.parts]] if in_parts else told
