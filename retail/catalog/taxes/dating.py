"""Rates of tax that begin on a day, as one or in parts: held from the store's midnight on, by sale, till and page.

A sale is taxed by its own day on its store's calendar, whenever it arrives; tills know the days to come. The class's
own rate, which pages and new sheets show, follows at midnight of the business's own zone by a job.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.catalog.events import CatalogueChanged
from retail.catalog.prices.folding import fold_prices, set_turns
from retail.catalog.prices.windows import at_minute
from retail.catalog.products.versions import next_version
from retail.catalog.taxes.errors import RateApplied
from retail.catalog.taxes.parting import (
    parts_of,
    read_parts,
    refuse_parted,
    refuse_wrong,
    store_parts,
    told,
    written,
)
from retail.catalog.taxes.rules import Part, whole_rate
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Row, Tx
from retail.runtime.jobs import enqueue

RATE_JOB: Final = "taxes.apply_rates"
BEGINNING: Final = date(1970, 1, 1)
"""From when the rate holds that a class had before the first one with a date."""
_NAMESPACE: Final = UUID("e6f1b7a4-3f0e-4f56-8b0b-6f9d8d7c2a11")


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate of a class from a day on, and its parts; `applied`: that day has come."""

    id: UUID
    tax_class: UUID
    from_date: date
    rate_micros: int
    applied: bool
    parts: tuple[Part, ...] = ()


async def dated_rates(read: Read, tax_class: UUID | None = None) -> list[DatedRate]:
    """Give the dated rates, of one class if it is named, the newest first."""
    rows = await read.fetch(
        """SELECT id, tax_class_id, from_date, rate_micros, applied_at IS NOT NULL AS applied, parts
             FROM tax_rate
            WHERE tenant_id = $1 AND ($2::uuid IS NULL OR tax_class_id = $2) ORDER BY tax_class_id, from_date DESC""",
        read.tenant,
        tax_class,
    )
    return [
        DatedRate(row["id"], row["tax_class_id"], row["from_date"], row["rate_micros"], row["applied"], parts)
        for row in rows
        for parts in [read_parts(row["parts"])]
    ]


async def histories(read: Read) -> Mapping[UUID, Sequence[DatedRate]]:
    """Give each class's rates by day, the oldest first; classes without dated ones are left out."""
    found: defaultdict[UUID, list[DatedRate]] = defaultdict(list)
    for one in reversed(await dated_rates(read)):
        found[one.tax_class].append(one)
    return dict(found)


async def date_rate(tx: Tx, tax_class: UUID, from_date: date, rate_micros: int) -> None:
    """Say what a class's rate is from a day to come on; the same day again replaces it.

    Raises NotFound, Invalid for a day that has begun. Locks the catalogue head. Emits CatalogueChanged.
    """
    await refuse_begun(tx, from_date, "from_date")
    await _date(tx, tax_class, from_date, rate_micros, ())


async def date_parts(tx: Tx, tax_class: UUID, from_date: date, parts: Sequence[Part]) -> None:
    """Say of which parts a class is made from a day to come on; their rates together are its own from then.

    Raises, locks and emits as `date_rate`; what is wrong with the day is filed under parts_from.
    """
    await refuse_begun(tx, from_date, "parts_from")
    refuse_none(parts)
    refuse_wrong(parts)
    await _date(tx, tax_class, from_date, whole_rate(parts), parts)


async def refuse_begun(read: Read, from_date: date, field: str) -> None:
    """Raise Invalid for a day that can't be planned any more."""
    if from_date <= read.now.astimezone(await _zone(read)).date():
        said = _("Pick a day after today. To change the rate at once, use the form above.")
        if field == "parts_from":
            said = _("Pick a day after today, or leave it empty to change the parts at once.")
        raise Invalid({field: [said]})


def refuse_none(parts: Sequence[Part]) -> None:
    """Raise Invalid for a plan without any part."""
    if not parts:
        raise Invalid({"parts": [_("Name at least one part. One alone is fine, such as IGST.")]})


async def _date(tx: Tx, tax_class: UUID, from_date: date, rate_micros: int, parts: Sequence[Part]) -> None:
    version = await next_version(tx)
    now = await tx.fetchrow(
        "SELECT name, rate_micros FROM tax_class WHERE tenant_id = $1 AND id = $2", tx.tenant, tax_class
    )
    if now is None:
        raise NotFound("tax_class")
    if not parts:
        await refuse_parted(tx, tax_class, "new_rate")
    present = (await parts_of(tx)).get(tax_class, ())
    await _put(tx, tax_class, BEGINNING, now["rate_micros"], present, applied=True, keep=True)
    await _put(tx, tax_class, from_date, rate_micros, parts, applied=False, keep=False)
    tx.audit(
        "tax_rate.dated", "tax_class", tax_class, name=now["name"], from_date=from_date, rate_micros=rate_micros,
        **({"parts": told(parts)} if parts else {}),
    )  # fmt: skip
    tx.emit(CatalogueChanged(version))
    await set_turns(tx)
    await _queue(tx)


async def undate_rate(tx: Tx, id: UUID) -> None:
    """Take back a rate whose day is still to come. Raises NotFound, RateApplied."""
    version = await next_version(tx)
    row = await tx.fetchrow(
        "SELECT tax_class_id, from_date, rate_micros, applied_at FROM tax_rate WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        id,
    )
    if row is None:
        raise NotFound("tax_rate")
    if row["applied_at"] is not None:
        raise RateApplied
    await tx.execute("DELETE FROM tax_rate WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit(
        "tax_rate.undated", "tax_class", row["tax_class_id"], from_date=row["from_date"], rate_micros=row["rate_micros"]
    )
    tx.emit(CatalogueChanged(version))
    await set_turns(tx)


async def rate_changed_now(
    tx: Tx, tax_class: UUID, rate_micros: int, parts: Sequence[Part] = (), *, prices: bool = True
) -> None:
    """Keep the days of a class true when its rate or parts are changed at once: the new ones hold from today on.

    Only where it has dated ones. `prices` may follow from it. The caller holds the lock of the catalogue's head.
    """
    if await tx.fetchval(
        "SELECT EXISTS (SELECT FROM tax_rate WHERE tenant_id = $1 AND tax_class_id = $2)", tx.tenant, tax_class
    ):
        today = tx.now.astimezone(await _zone(tx)).date()
        await _put(tx, tax_class, today, rate_micros, parts, applied=True, keep=False)
    if prices:
        await fold_prices(tx, None)


async def apply_rates(tx: Tx) -> None:
    """Let the rates hold whose day has begun in the business's zone; queue the next day. Locks the catalogue head."""
    today = tx.now.astimezone(await _zone(tx)).date()
    due = await tx.fetch(
        """SELECT DISTINCT ON (r.tax_class_id) r.tax_class_id, r.rate_micros, r.parts, x.rate_micros AS before, x.name
             FROM tax_rate r JOIN tax_class x ON x.tenant_id = $1 AND x.id = r.tax_class_id
            WHERE r.tenant_id = $1 AND r.applied_at IS NULL AND r.from_date <= $2
            ORDER BY r.tax_class_id, r.from_date DESC""",
        tx.tenant,
        today,
    )
    if due:
        version = await next_version(tx)
        await tx.execute(
            "UPDATE tax_rate SET applied_at = $3 WHERE tenant_id = $1 AND applied_at IS NULL AND from_date <= $2",
            tx.tenant,
            today,
            tx.now,
        )
        for row in due:
            await tx.execute(
                "UPDATE tax_class SET rate_micros = $3 WHERE tenant_id = $1 AND id = $2",
                tx.tenant,
                row["tax_class_id"],
                row["rate_micros"],
            )
            await _begin_parts(tx, row, version)
        tx.emit(CatalogueChanged(version))
        await fold_prices(tx, None)
        await set_turns(tx)
    await _queue(tx)


async def _begin_parts(tx: Tx, row: Row, version: int) -> None:
    """Let a class be made of what its new rate is, and note that it began."""
    parts, id = read_parts(row["parts"]), row["tax_class_id"]
    before = (await parts_of(tx)).get(id, ())
    if before != parts:
        await store_parts(tx, id, parts)
    in_parts = bool(before or parts)
    tx.audit(
        "tax_rate.began", "tax_class", id, name=row["name"], version=version,
        before={"rate_micros": row["before"]} | ({"parts": told(before)} if in_parts else {}),
        after={"rate_micros": row["rate_micros"]} | ({"parts": told(parts)} if in_parts else {}),
    )  # fmt: skip


async def _queue(tx: Tx) -> None:
    coming = await tx.fetchval(
        "SELECT min(from_date) FROM tax_rate WHERE tenant_id = $1 AND applied_at IS NULL", tx.tenant
    )
    if coming is not None:
        moment = at_minute(coming, 0, await _zone(tx))
        if moment > tx.now:
            await enqueue(tx, RATE_JOB, {}, moment, id=uuid.uuid5(_NAMESPACE, f"{tx.tenant}@{moment.isoformat()}"))


async def _zone(tx: Read) -> ZoneInfo:
    return ZoneInfo(await tx.fetchval("SELECT timezone FROM tenant WHERE id = $1", tx.tenant))


_KEEP: Final = """
INSERT INTO tax_rate (tenant_id, id, tax_class_id, from_date, rate_micros, applied_at, created_at, parts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
ON CONFLICT (tenant_id, tax_class_id, from_date) DO NOTHING
"""
_REPLACE: Final = _KEEP.replace(
    "DO NOTHING",
    "DO UPDATE SET rate_micros = excluded.rate_micros, applied_at = excluded.applied_at, parts = excluded.parts",
)


async def _put(
    tx: Tx, tax_class: UUID, from_date: date, rate_micros: int, parts: Sequence[Part] = (), *, applied: bool, keep: bool
) -> None:
    """Write a rate with its day; `keep`: one that is there stays as it is."""
    await tx.execute(
        _KEEP if keep else _REPLACE,
        tx.tenant,
        new_id(),
        tax_class,
        from_date,
        rate_micros,
        tx.now if applied else None,
        tx.now,
        written(parts),
    )
