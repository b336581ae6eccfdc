"""The section Products: velocity, margin, classes, how long the stock lasts, and what new prices did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.analytics.sections.breakdown import Line, breakdown, key_of
from retail.analytics.sections.effects import price_effects
from retail.analytics.sections.sheet import Sheet, said_against
from retail.analytics.today import NOTHING
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked

PAGE: Final = 50
_A, _B = 800, 950
_EFFECTS: Final = 25
_PLACES: Final = 8

_COVER: Final = """
SELECT b.product_id, sum(b.on_hand) AS on_hand, coalesce(sum(a.units / a.days), 0) AS per_day
  FROM stock_balance b
  LEFT JOIN product_pace a ON a.tenant_id = $1 AND a.store_id = b.store_id AND a.product_id = b.product_id
 WHERE b.tenant_id = $1 AND b.product_id = ANY ($2::uuid[]) AND ($3::uuid[] IS NULL OR b.store_id = ANY ($3))
 GROUP BY b.product_id
"""


@dataclass(frozen=True, slots=True)
class Ware:
    """A product of the table: its figures, its class by revenue, units a day, and for how many days its stock lasts."""

    line: Line
    place: int
    klass: str
    per_day: Decimal
    cover: int | None


async def shown(read: Read, on: Sheet, asked: Asked) -> dict[str, Any]:
    """Read what the section shows. Raises TooLong."""
    lines = await breakdown(read, on.asked, "product")
    days = max(1, (min(on.asked.period.last, on.asked.today) - on.asked.period.first).days + 1)
    classes, begin = classed(lines), _begin(asked)
    more = begin + PAGE < len(lines)
    return {
        "wares": await _wares(read, on, Part(lines, begin, classes, days)),
        "next": asked.address(after=str(begin + PAGE)) if more else None,
        "sold_products": sum(1 for one in lines if one.now.units > 0),
        "counts": {klass: sum(1 for one in classes.values() if one == klass) for klass in "ABC"},
        "effects": (await price_effects(read, on.asked))[:_EFFECTS],
        "against": said_against(on.asked),
        "nothing": not any(one.now.units for one in lines),
    }


def classed(lines: Sequence[Line]) -> dict[str, str]:
    """Class products by what they bring: A to the first 80 % of the revenue, B to 95 %, C the others."""
    sold = [one for one in lines if one.now.revenue > 0]
    whole, so_far, found = sum(one.now.revenue for one in sold), 0, {}
    for one in sold:
        found[one.key] = "A" if so_far * 1000 < whole * _A else "B" if so_far * 1000 < whole * _B else "C"
        so_far += one.now.revenue
    return found


def _begin(asked: Asked) -> int:
    """Read from where on the table is shown: its rows are those of sums, which have no place of their own."""
    typed = asked.typed("after")
    return int(typed) if typed.isdecimal() and len(typed) < _PLACES else 0


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the table that is shown: from where on, of which lines, with their classes, over how many days."""

    lines: Sequence[Line]
    begin: int
    classes: Mapping[str, str]
    days: int


async def _wares(read: Read, on: Sheet, part: Part) -> list[Ware]:
    lines = part.lines[part.begin : part.begin + PAGE]
    ids = [id for one in lines if (id := key_of(one.key)) not in {None, NOBODY}]
    covers = await _covers(read, on, ids)
    return [
        Ware(
            one,
            place,
            part.classes.get(one.key, NOTHING),
            (one.now.units / part.days).quantize(Decimal("0.1")),
            covers.get(key_of(one.key) or NOBODY),
        )
        for place, one in enumerate(lines, start=part.begin + 1)
    ]


async def _covers(read: Read, on: Sheet, ids: Sequence[UUID | None]) -> dict[UUID, int]:
    places = list(on.asked.narrowed.stores) if on.asked.narrowed.stores is not None else None
    rows = await read.fetch(_COVER, read.tenant, list(ids), places)
    return {row["product_id"]: max(0, int(row["on_hand"] / row["per_day"])) for row in rows if row["per_day"] > 0}
