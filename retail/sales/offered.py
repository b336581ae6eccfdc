"""What offers took off sales, worked out again with what their tills knew; and the coupons that the sales used.

Sales that say nothing of offers cost nothing here. Nothing that was paid is refused: what differs is remarked on, and
counts as the cashier's own discount. docs/algorithms/promotions.md, section 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from retail.promotions.conditions import occasion_at
from retail.promotions.coupons import hold_codes, use_codes
from retail.promotions.rules import Offer, Outcome, OutOfRange, Taken, apply_offers
from retail.promotions.sets import set_at
from retail.promotions.shelving import Known, item, known_products
from retail.runtime.db import Row, Tx
from retail.sales.assess import Spot
from retail.sales.context import Context
from retail.sales.documents import LineOffer, SaleIn, StoredSale
from retail.sales.remarks import Remark

NOTHING_OFF: Final[Mapping[UUID, int]] = {}
AT_THE_COUNTER: Final = timedelta(minutes=15)
"""A customer stands there for so long at the most: what held when the goods were scanned holds when they are paid."""


@dataclass(slots=True)
class Offered:
    """By sale: what is odd, what offers rightly take off each line, what is kept of them, the coupons used."""

    remarks: dict[UUID, list[Remark]] = field(default_factory=dict)
    off: dict[UUID, dict[UUID, int]] = field(default_factory=dict)
    rows: dict[UUID, dict[UUID, tuple[LineOffer, ...]]] = field(default_factory=dict)
    uses: dict[UUID, list[UUID]] = field(default_factory=dict)


async def offers_of(tx: Tx, sales: Sequence[SaleIn], context: Context) -> Offered:
    """Work out again what offers take off the sales that aren't stored yet; holds the coupons that they bring."""
    told = Offered()
    fresh = [
        (sale, spot)
        for sale, spot in zip(sales, context.spots, strict=True)
        if spot is not None and sale.id not in context.stored and _says_something(sale)
    ]
    if not fresh:
        return told
    codes = (
        await hold_codes(tx, [code for sale, _spot in fresh for code in sale.coupons])
        if any(sale.coupons for sale, _spot in fresh)
        else {}
    )
    known = await known_products(tx, {line.product for sale, _spot in fresh for line in sale.lines if line.product})
    names = await _named(tx, [sale for sale, _spot in fresh])
    sets: dict[int, list[Offer]] = {}
    used: dict[UUID, int] = {}
    for sale, spot in fresh:
        if sale.promotions is None:
            offers = await set_at(tx, None, sale.occurred_at)
        else:
            if sale.promotions not in sets:
                sets[sale.promotions] = await set_at(tx, sale.promotions, sale.occurred_at)
            offers = sets[sale.promotions]
        unlocked = _coupons(told, sale, codes, used)
        _compare(told, sale, _outcomes(sale, spot, offers, known, unlocked), names)
    return told


async def keep_offers(tx: Tx, created: Sequence[StoredSale], told: Offered) -> list[StoredSale]:
    """Keep what offers took off newly stored sales, and count their coupons; gives the sales with it."""
    new = [sale for sale in created if sale.id in told.rows]
    rows = [(sale.id, line, one) for sale in new for line, some in told.rows[sale.id].items() for one in some]
    if rows:
        await tx.execute(
            """INSERT INTO sale_offer (tenant_id, sale_id, line_id, offer_id, version, amount_minor)
               SELECT $1, u.sale, u.line, u.offer, u.version, u.amount
                 FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::integer[], $6::bigint[])
                      AS u (sale, line, offer, version, amount)""",
            tx.tenant, [sale for sale, _line, _one in rows], [line for _sale, line, _one in rows],
            [one.offer for _sale, _line, one in rows], [one.version for _sale, _line, one in rows],
            [one.amount for _sale, _line, one in rows],
        )  # fmt: skip
    await use_codes(tx, {sale.id: told.uses[sale.id] for sale in created if sale.id in told.uses})
    return [_with_offers(sale, told.rows[sale.id]) if sale.id in told.rows else sale for sale in created]


def _with_offers(sale: StoredSale, rows: Mapping[UUID, tuple[LineOffer, ...]]) -> StoredSale:
    return replace(
        sale,
        lines=tuple(replace(line, offers=rows[line.id]) if line.id in rows else line for line in sale.lines),
    )


def _says_something(sale: SaleIn) -> bool:
    return bool(sale.promotions or sale.coupons) or any(line.offers for line in sale.lines)


async def _named(tx: Tx, sales: Sequence[SaleIn]) -> dict[UUID, str]:
    """Name the offers that sales speak of; those that don't exist are left out."""
    ids = {one.offer for sale in sales for line in sale.lines for one in line.offers}
    if not ids:
        return {}
    rows = await tx.fetch("SELECT id, name FROM offer WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", tx.tenant, ids)
    return {row["id"]: row["name"] for row in rows}


def _coupons(told: Offered, sale: SaleIn, codes: Mapping[str, Row], used: dict[UUID, int]) -> list[str]:
    """Say which offers a sale has a coupon for; a code that is used up unlocks its offer all the same: it was paid."""
    unlocked = []
    for code in sale.coupons:
        row = codes.get(code)
        if row is None:
            told.remarks.setdefault(sale.id, []).append(Remark("coupon_unknown", {"coupon": code}))
            continue
        used[row["id"]] = used.get(row["id"], row["used"]) + 1
        told.uses.setdefault(sale.id, []).append(row["id"])
        unlocked.append(str(row["offer_id"]))
        if row["uses"] is not None and used[row["id"]] > row["uses"]:
            facts = {"coupon": code, "times": used[row["id"]], "uses": row["uses"]}
            told.remarks.setdefault(sale.id, []).append(Remark("coupon_used_twice", facts))
        late = row["expires_at"] is not None and row["expires_at"] <= sale.occurred_at
        if late or (row["closed_at"] is not None and row["closed_at"] <= sale.occurred_at):
            told.remarks.setdefault(sale.id, []).append(Remark("coupon_unknown", {"coupon": code}))
    return unlocked


def _outcomes(
    sale: SaleIn, spot: Spot, offers: Sequence[Offer], known: Mapping[UUID, Known], unlocked: Sequence[str]
) -> list[Outcome]:
    """Work out what offers take off at the moment of the sale, and where it matters a while before."""
    items = [
        item(
            line.id, line.product, line.quantity_milli, line.unit_price, known,
            by_hand=line.list_price is not None and line.list_price != line.unit_price,
        )
        for line in sale.lines
    ]  # fmt: skip
    moments = [sale.occurred_at]
    if any(offer.windows or offer.starts is not None or offer.ends is not None for offer in offers):
        moments.append(sale.occurred_at - AT_THE_COUNTER)
    found = []
    for moment in moments:
        occasion = occasion_at(str(spot.store), spot.timezone, moment, sale.price_group, unlocked)
        try:
            found.append(apply_offers(items, offers, occasion))
        except OutOfRange:  # the sale itself is refused for it
            found.append(Outcome(tuple(() for _line in items), ()))
    return found


def _compare(told: Offered, sale: SaleIn, outcomes: Sequence[Outcome], names: Mapping[UUID, str]) -> None:
    """Compare with what the till took off; the outcome that is the till's, or else that of the moment, counts."""
    claimed = [{str(one.offer): one.amount for one in line.offers} for line in sale.lines]
    same = next((one for one in outcomes if [_sums(line) for line in one.lines] == claimed), None)
    right = same or outcomes[0]
    taken = sum(sum(line.values()) for line in claimed)
    if same is None and (taken != right.amount or any(claimed)):
        facts = {"taken": taken, "computed": right.amount}
        told.remarks.setdefault(sale.id, []).append(Remark("offer_mismatch", facts))
    for line, mine, theirs in zip(sale.lines, claimed, right.lines, strict=True):
        off = min(sum(mine.values()), sum(one.amount for one in theirs), line.discount)
        if off:
            told.off.setdefault(sale.id, {})[line.id] = off
        kept = _within(line.offers, line.discount, names)
        if kept:
            told.rows.setdefault(sale.id, {})[line.id] = kept


def _sums(line: Sequence[Taken]) -> dict[str, int]:
    return {one.offer: one.amount for one in line}


def _within(offers: Sequence[LineOffer], discount: int, names: Mapping[UUID, str]) -> tuple[LineOffer, ...]:
    """Give what is kept of a line's offers: those that exist, and together no more than what came off the line."""
    kept, left = [], discount
    for one in offers:
        amount = min(one.amount, left)
        if one.offer in names and amount > 0:
            kept.append(replace(one, amount=amount, name=names[one.offer]))
            left -= amount
    return tuple(kept)
