"""A live example of an offer: a basket of the shop's own goods that reaches it, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from retail.catalog.queries import categories
from retail.promotions.basket import Goods, Item, belongs
from retail.promotions.conditions import Occasion
from retail.promotions.facts import OfferFacts, engine_offer
from retail.promotions.kinds import goods_of
from retail.promotions.rules import Offer, Verdict, apply_offers, worth
from retail.promotions.shelving import Known, item, known_products
from retail.runtime.db import Read

_SEVERAL: Final = 3
_MOST_PIECES: Final = 60
_SOME: Final = """
SELECT p.id, p.name, p.price_minor, CASE WHEN p.decimals > 0 THEN p.unit ELSE '' END AS unit FROM product p
 WHERE p.tenant_id = $1 AND p.archived_at IS NULL AND p.price_minor > 0
   AND (p.id = ANY ($2::uuid[]) OR p.category_id = ANY ($3::uuid[]) OR p.tags && $4::text[] OR $5)
   AND NOT (p.id = ANY ($6::uuid[]) OR coalesce(p.category_id = ANY ($7::uuid[]), false) OR p.tags && $8::text[])
   AND NOT EXISTS (SELECT FROM product b WHERE b.tenant_id = $1 AND b.deposit_id = p.id)
 ORDER BY p.decimals > 0, p.sort_name LIMIT 3
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the example: `off` is what the offer takes off it; with a `unit`, as kg, it is weighed."""

    name: str
    pieces: int
    unit: str
    price: int
    amount: int
    off: int


@dataclass(frozen=True, slots=True)
class _Ware:
    """A product of the shop for an example; `unit` is empty where it is counted."""

    name: str
    price: int
    unit: str


@dataclass(frozen=True, slots=True)
class Example:
    """A basket with the offer; without lines there are no goods for it."""

    lines: tuple[Line, ...]
    verdict: Verdict | None

    @property
    def before(self) -> int:
        """Give what it costs without the offer."""
        return sum(line.amount for line in self.lines)

    @property
    def off(self) -> int:
        """Give what the offer takes off."""
        return sum(line.off for line in self.lines)


async def example(read: Read, of: OfferFacts) -> Example:
    """Make a basket of the shop's goods that reaches an offer, and work it out."""
    offer = engine_offer(replace(of, stores=None, groups=None, starts_at=None, ends_at=None, windows=()).wire())
    offer = replace(offer, coupon=False)
    found: dict[UUID, _Ware] = {}
    sets = [await _some(read, goods) for goods in goods_of(offer)]
    for some in sets:
        found |= some
    known = await known_products(read, list(found))
    pieces = _pieces(offer, sets, known)
    items = [item(id, id, count * 1000, found[id].price, known, by_hand=False) for id, count in pieces.items()]
    outcome = apply_offers(items, [offer], Occasion("", 0, 0, 0))
    lines = [
        Line(
            found[id].name,
            count,
            found[id].unit,
            found[id].price,
            worth(found[id].price, count * 1000),
            sum(one.amount for one in taken),
        )
        for (id, count), taken in zip(pieces.items(), outcome.lines, strict=True)
    ]
    return Example(tuple(lines), outcome.verdicts[0])


async def _some(read: Read, goods: Goods) -> dict[UUID, _Ware]:
    """Give a few products that belong to goods, those that are counted first."""
    tree = await categories(read)

    def with_all_below(named: Sequence[str]) -> list[UUID]:
        inside = {UUID(one) for one in named}
        for one in tree:  # each comes after the one it lies in
            if one.parent in inside:
                inside.add(one.id)
        return list(inside)

    def ids(of: str) -> list[UUID]:
        return [UUID(one) for one in goods.get(of, ())]

    everything = not any(goods.get(of) for of in ("products", "categories", "tags"))
    rows = await read.fetch(
        _SOME, read.tenant, ids("products"), with_all_below(goods.get("categories", ())), list(goods.get("tags", ())),
        everything, ids("not_products"), with_all_below(goods.get("not_categories", ())),
        list(goods.get("not_tags", ())),
    )  # fmt: skip
    return {row["id"]: _Ware(row["name"], row["price_minor"], row["unit"]) for row in rows}


def _pieces(offer: Offer, sets: Sequence[Mapping[UUID, _Ware]], known: Mapping[UUID, Known]) -> dict[UUID, int]:
    """Say how many of what: enough to reach the offer."""
    terms = offer.terms
    if offer.kind == "meal":
        return _one_each(sets)
    pieces: dict[UUID, int] = dict.fromkeys(sets[0], 1)
    if not pieces:
        return {}
    first = next(iter(pieces))
    price = sets[0][first].price
    if offer.kind == "buy_get" and len(sets) > 1:
        others = [id for id in sets[1] if not belongs(_of(id, known), terms["goods"])]
        return {first: max(terms["buy"], offer.least_pieces)} | dict.fromkeys(others[:1], terms["free"])
    least, spend = _reach(offer, terms)
    least, spend = max(least, offer.least_pieces), max(spend, offer.least_spend)
    have = sum(sets[0][id].price for id in pieces)
    pieces[first] += min(_MOST_PIECES, max(0, least - len(pieces), -(-(spend - have) // price)))
    return pieces


def _reach(offer: Offer, terms: Mapping[str, Any]) -> tuple[int, int]:
    """Give how many pieces and how much money reach the offer, the last tier of one with tiers."""
    if offer.kind == "buy_get":
        return terms["buy"] + terms["free"], 0
    if offer.kind == "mix":
        return terms["count"], 0
    if offer.kind == "tiered":
        last = terms["tiers"][-1]["from"]
        return (last, 0) if terms["by"] == "pieces" else (1, last)
    return (1, terms["from"]) if offer.kind == "basket" else (_SEVERAL, 0)


def _one_each(sets: Sequence[Mapping[UUID, _Ware]]) -> dict[UUID, int]:
    pieces: dict[UUID, int] = {}
    for some in sets:
        if some:
            id = next((one for one in some if one not in pieces), next(iter(some)))
            pieces[id] = pieces.get(id, 0) + 1
    return pieces


def _of(id: UUID, known: Mapping[UUID, Known]) -> Item:
    return item(id, id, 1000, 1, known, by_hand=False)
