"""Each night what nobody came back for is cancelled: as a void with the store's own lines, never silently."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from retail.identity.approval_rules import ActLine
from retail.kit.clock import business_day
from retail.kit.ids import new_id
from retail.kit.money import mul_div
from retail.kit.text import _
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.tenancy import Scope
from retail.sales.held import end_voided
from retail.sales.voids import VoidIn, note_void
from retail.tenants.settings_changes import values

JOB: Final = "sales.held_expire"
_BATCH: Final = 200
_OPEN: Final = """
SELECT h.id, h.till_id, h.store_id, h.basket, h.total_minor, h.held_at, s.timezone, s.day_cutoff_hour
  FROM held_sale h JOIN store s ON s.tenant_id = h.tenant_id AND s.id = h.store_id
 WHERE h.tenant_id = $1 AND h.ended_at IS NULL AND h.recalled_at IS NULL
 ORDER BY h.store_id, h.held_at, h.id LIMIT $2 FOR UPDATE OF h"""
_EMPTIED: Final = """
UPDATE held_sale SET basket = '{}' WHERE tenant_id = $1 AND ended_at < $2 AND basket <> '{}'"""
KEPT: Final = timedelta(days=7)


@job(JOB, tries=3, lease_seconds=120)
async def run_out(db: Database, scope: Scope) -> None:
    """Cancel what is on hold for longer than its store keeps it; forget what was in those that ended a week ago."""
    await db.run(scope, _held_alone)


async def _held_alone(tx: Tx) -> None:
    await hold(tx)
    await cancel_forgotten(tx)


async def cancel_forgotten(tx: Tx) -> None:
    """Cancel up to 200 of them, each with its void. Emits HeldChanged."""
    days: dict[UUID, int] = {}
    for row in await tx.fetch(_OPEN, tx.tenant, _BATCH):
        store = row["store_id"]
        if store not in days:
            days[store] = int((await values(tx, store))["held_days"])
        zone = (row["timezone"], row["day_cutoff_hour"])
        if business_day(row["held_at"], *zone) + timedelta(days=days[store]) < business_day(tx.now, *zone):
            await _cancel(tx, row)
    await tx.execute(_EMPTIED, tx.tenant, tx.now - KEPT)


async def _cancel(tx: Tx, row: asyncpg.Record) -> None:
    lines = [_line(one) for one in json.loads(row["basket"])["lines"]]
    void = VoidIn(
        new_id(), "sale", row["id"], None, _("Left on hold"), lines, max(0, row["total_minor"]), row["held_at"]
    )
    await note_void(tx, row["till_id"], void)
    await end_voided(tx, row["id"], void.id, "expired")


def _line(one: dict[str, Any]) -> tuple[ActLine, str]:
    amount, less = mul_div(one["quantity"], one["price"], 1000), one["discount"] or {"kind": "amount", "value": 0}
    off = less["value"] if less["kind"] == "amount" else mul_div(amount, less["value"], 10_000)
    product = UUID(one["product"]) if one["product"] else None
    return ActLine(UUID(one["id"]), product, one["quantity"], one["price"], min(amount, off)), one["name"]
