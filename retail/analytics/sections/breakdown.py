"""Figures by one side, named and compared: by store, region, till, category, product, cashier, tender or group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.analytics.rules import Change, Totals, change
from retail.analytics.sections.asking import NONE, Question
from retail.analytics.sections.reading import Side, figures
from retail.identity.device_queries import people_named
from retail.kit.money import mul_div
from retail.kit.text import _
from retail.runtime.db import Read
from retail.tenants import queries as tenants

Broken = Literal["store", "region", "till", "category", "product", "cashier", "tender", "group"]
SIDES: Final[tuple[Broken, ...]] = get_args(Broken)
_MOST_NAMED: Final = 5000


@dataclass(frozen=True, slots=True)
class Line:
    """One of a side with its figures, now and before. `key` is what the address says for it."""

    key: str
    name: str
    now: Totals
    before: Totals
    share: int
    """Of all revenue, in thousandths."""
    counted: Totals
    """What of `now` is set against `before`: that of the days that are over."""

    @property
    def change(self) -> Change | None:
        """Tell how its revenue moved."""
        return change(self.counted.revenue, self.before.revenue)


async def breakdown(read: Read, asked: Question, side: Broken, *, most: int | None = None) -> list[Line]:
    """List what each of a side sold, the largest revenue first, with what it sold before. Raises TooLong.

    Of a time that isn't over, what was before goes up to the last day that is, and only those days are compared.
    """
    by: Side = "store" if side == "region" else side
    period = asked.period
    now = await figures(read, asked.narrowed, (by,), period.first, period.last)
    before: Mapping[tuple[Any, ...], Totals] = {}
    counted: Mapping[tuple[Any, ...], Totals] = now
    if asked.compared:
        first, last = asked.before
        if asked.running and asked.over >= period.first:
            last = asked.over - asked.back
            counted = await figures(read, asked.narrowed, (by,), period.first, asked.over)
        before = await figures(read, asked.narrowed, (by,), first, last)
    if side == "region":
        now, before, counted = (_by_region(asked, sums) for sums in (now, before, counted))
    whole = sum(one.revenue for one in now.values()) or 1
    keys = sorted({*now, *before}, key=lambda key: (-now.get(key, Totals()).revenue, str(key)))
    keys = keys[:most] if most else keys
    names = await names_of(read, side, [key[0] for key in keys])
    return [
        Line(
            key_text(key[0]),
            names.get(key[0], "") or without_words(side),
            now.get(key, Totals()),
            before.get(key, Totals()),
            mul_div(now.get(key, Totals()).revenue, 1000, whole),
            counted.get(key, Totals()),
        )
        for key in keys
    ]


def key_text(key: object) -> str:
    """Write a key as addresses say it."""
    return NONE if key in {NOBODY, ""} else str(key)


def _by_region(asked: Question, sums: Mapping[tuple[Any, ...], Totals]) -> dict[tuple[Any, ...], Totals]:
    regions = {one.id: one.region for one in asked.stores}
    found: dict[tuple[Any, ...], Totals] = {}
    for (store,), one in sums.items():
        region = (regions.get(store, ""),)
        found[region] = found.get(region, Totals()) + one
    return found


async def names_of(read: Read, side: Broken, keys: list[Any]) -> dict[Any, str]:
    """Give the names of some of a side, by their keys."""
    if side == "tender":
        return {key: tender_words(key) for key in keys}
    if side in {"region", "group"}:
        return {key: str(key) for key in keys}
    if side == "cashier":
        return dict(await people_named(read, keys))
    if side == "store":
        return {one.id: one.called for one in await tenants.stores(read)}
    if side == "till":
        return {one.id: f"{one.code} · {one.store_name}" for one in await tenants.tills(read)}
    table = "product" if side == "product" else "category"
    rows = await read.fetch(_NAMES[table], read.tenant, keys[:_MOST_NAMED])
    return {row["id"]: row["name"] for row in rows}


_NAMES: Final = {
    "product": "SELECT id, name FROM product WHERE tenant_id = $1 AND id = ANY ($2::uuid[])",
    "category": "SELECT id, name FROM category WHERE tenant_id = $1 AND id = ANY ($2::uuid[])",
}


def tender_words(type: str) -> str:
    """Say what a sale was paid with."""
    words = {
        "cash": _("Cash"),
        "card": _("Card"),
        "gift_card": _("Gift card"),
        "store_credit": _("Store credit"),
        "account": _("Customer account"),
        "down_payment": _("Down payment"),
        "voucher": _("Voucher"),
        "mixed": _("Several together"),
        "none": _("Nothing was due"),
    }
    return words.get(type, type.replace("_", " ").capitalize())


def without_words(side: Broken) -> str:
    """Say what stands for what is without one of a side."""
    words = {
        "category": _("Without a category"),
        "product": _("Not in the catalogue"),
        "cashier": _("Without a cashier"),
        "group": _("No group"),
        "region": _("Without a region"),
    }
    return words.get(side, _("Unknown"))


def key_of(text: str) -> UUID | None:
    """Read a key that is an id back; None where it is none."""
    try:
        return NOBODY if text == NONE else UUID(text)
    except ValueError:
        return None
