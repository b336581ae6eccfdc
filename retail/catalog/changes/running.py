"""Doing a change of many products: its rows are chosen once, then taken in parts, each part one transaction.

A row is changed only while it still is at the version that was seen; what it was is kept beside it, so that the change
can be undone for every product that nobody has touched since. All of it runs behind the lock of the catalogue's head.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from retail.catalog.changes.acts import WAYS, Act, Way
from retail.catalog.changes.errors import CannotUndo
from retail.catalog.events import CatalogueChanged
from retail.catalog.lists.wanted import Wanted, narrowing
from retail.catalog.products.limits import refuse_beyond
from retail.catalog.products.scheduling import look_again
from retail.catalog.products.traits import MEASURED
from retail.catalog.products.versions import lock_catalogue, next_version
from retail.catalog.remembering import audit_products, products_now
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Row, Tx

AT_ONCE: Final = 1_000
"""So many products are changed while the person waits; more of them by the worker, as many at a time."""
KEPT_DAYS: Final = 30

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pick:
    """A product that somebody ticked, at the version that they saw."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Matching:
    """All products that match, as they were at a version of the catalogue."""

    wanted: Wanted
    seen: int


Choice = Sequence[Pick] | Matching

_START: Final = """
INSERT INTO bulk_change (tenant_id, id, act, value, state, wanted, taken, undoes, actor_id, actor_name, created_at)
VALUES ($1, $2, $3, $4::jsonb, 'running', 0, 0, $5, $6, $7, $8)
"""
_PICKED: Final = """
INSERT INTO bulk_change_row (tenant_id, change_id, product_id, seen)
SELECT $1, $2, p.id, u.version FROM unnest($3::uuid[], $4::bigint[]) AS u (id, version)
  JOIN product p ON p.tenant_id = $1 AND p.id = u.id
"""
_WHOLE: Final = """
SELECT EXISTS (SELECT FROM bulk_change_row r JOIN product p ON p.tenant_id = $1 AND p.id = r.product_id
                WHERE r.tenant_id = $1 AND r.change_id = $2 AND NOT p.unit = ANY ($3::text[]))
"""
_UNDONE: Final = """
INSERT INTO bulk_change_row (tenant_id, change_id, product_id, seen)
SELECT $1, $2, r.product_id, r.version FROM bulk_change_row r
 WHERE r.tenant_id = $1 AND r.change_id = $3 AND r.outcome = 'changed'
"""
_FORGET: Final = (
    """DELETE FROM bulk_change_row r USING bulk_change b
        WHERE r.tenant_id = $1 AND b.tenant_id = $1 AND b.id = r.change_id
          AND b.created_at < $2::timestamptz - make_interval(days => $3)""",
    """UPDATE bulk_change b SET undoes = NULL FROM bulk_change o
        WHERE b.tenant_id = $1 AND o.tenant_id = $1 AND o.id = b.undoes
          AND o.created_at < $2::timestamptz - make_interval(days => $3)""",
    """DELETE FROM bulk_change
        WHERE tenant_id = $1 AND created_at < $2::timestamptz - make_interval(days => $3)""",
)


_MATCHING: Final = """
INSERT INTO bulk_change_row (tenant_id, change_id, product_id, seen)
SELECT $1, {change}::uuid, p.id, least(p.version, {seen}::bigint)
  FROM product p
 WHERE p.tenant_id = $1{where}
"""


async def start(tx: Tx, act: Act, value: Value, choice: Choice) -> UUID:
    """Choose the products of a change; nothing is changed yet. `value` is what the act sets, in plain texts.

    Raises Invalid where it sets a part of a piece as the reorder point of what is counted in whole ones.
    """
    await lock_catalogue(tx)
    for forgetting in _FORGET:
        await tx.execute(forgetting, tx.tenant, tx.now, KEPT_DAYS)
    id = await _begin(tx, act, value, None)
    if isinstance(choice, Matching):
        where = narrowing(tx.tenant, choice.wanted)
        given = len(where.args)
        choosing = _MATCHING.format(change=f"${given + 1}", seen=f"${given + 2}", where=where.sql)
        await tx.execute(choosing, *where.args, id, choice.seen)
    else:
        await tx.execute(_PICKED, tx.tenant, id, [one.id for one in choice], [one.version for one in choice])
    if (
        act == "reorder_point"
        and Decimal(value["reorder_point"] or 0) % 1
        and await tx.fetchval(_WHOLE, tx.tenant, id, list(MEASURED))
    ):
        raise Invalid(
            {"reorder_point": [_("Some of these products are counted in whole pieces. Type a whole number.")]}
        )
    await _count(tx, id, "products.changed_at_once", act=act, value=dict(value))
    return id


async def start_undoing(tx: Tx, change: UUID) -> UUID:
    """Choose what a change has changed, to bring it back. Raises NotFound, CannotUndo."""
    await lock_catalogue(tx)
    row = await _change(tx, change)
    again = await tx.fetchval("SELECT id FROM bulk_change WHERE tenant_id = $1 AND undoes = $2", tx.tenant, change)
    if row["state"] == "running" or again is not None:
        raise CannotUndo(running=again is None)
    id = await _begin(tx, row["act"], json.loads(row["value"]), change)
    await tx.execute(_UNDONE, tx.tenant, id, change)
    await _count(tx, id, "products.change_undone", act=row["act"], undoes=change)
    return id


async def stop(tx: Tx, change: UUID) -> None:
    """Have a running change go no further; what it has changed stays so. Raises NotFound."""
    row = await _change(tx, change)
    if row["state"] == "running":
        await _end(tx, change, "stopped")
        tx.audit("products.change_stopped", "catalogue", None, change=change, taken=row["taken"], wanted=row["wanted"])


async def take(tx: Tx, change: UUID, most: int = AT_ONCE) -> bool:
    """Change the next products of a change; claims that some are left. Each is audited. Raises NotFound, PlanFull."""
    await lock_catalogue(tx)
    row = await _change(tx, change)
    if row["state"] != "running":
        return False
    ids = await tx.fetch(
        """SELECT product_id FROM bulk_change_row
            WHERE tenant_id = $1 AND change_id = $2 AND outcome IS NULL ORDER BY product_id LIMIT $3""",
        tx.tenant,
        change,
        most,
    )
    if ids:
        await _take(tx, row, [one["product_id"] for one in ids])
    if len(ids) < most or row["taken"] + len(ids) == row["wanted"]:
        await _end(tx, change, "done")
        return False
    return True


async def refuse(tx: Tx, change: UUID) -> None:
    """Note that a change can't go on: the plan has no room for what it would put on sale."""
    await _end(tx, change, "refused")
    tx.audit("products.change_refused", "catalogue", None, change=change)


_JUDGE: Final = """
UPDATE bulk_change_row r SET outcome = w.outcome,
       before = CASE w.outcome WHEN 'changed' THEN w.before END,
       version = CASE w.outcome WHEN 'changed' THEN $6::bigint END
  FROM (SELECT n.product_id, {kept} AS before,
               CASE WHEN p.version <> n.seen OR ({lost}) THEN 'passed' WHEN {unless} THEN 'same' ELSE 'changed' END
                 AS outcome
          FROM bulk_change_row n
          JOIN product p ON p.tenant_id = $1 AND p.id = n.product_id
          LEFT JOIN bulk_change_row r ON r.tenant_id = $1 AND r.change_id = $7::uuid AND r.product_id = n.product_id
         WHERE n.tenant_id = $1 AND n.change_id = $2::uuid AND n.product_id = ANY ($3::uuid[])
           AND $4::timestamptz IS NOT NULL AND $5::jsonb IS NOT NULL) w
 WHERE r.tenant_id = $1 AND r.change_id = $2::uuid AND r.product_id = w.product_id
RETURNING r.product_id, r.outcome
"""
_SET: Final = """
UPDATE product p SET {sets}, updated_at = $4, version = $6::bigint
  FROM bulk_change_row r
 WHERE p.tenant_id = $1 AND r.tenant_id = $1 AND r.change_id = coalesce($7::uuid, $2::uuid) AND r.product_id = p.id
   AND p.id = ANY ($3::uuid[]) AND $5::jsonb IS NOT NULL
"""
_LATEST: Final = "SELECT version FROM catalogue_head WHERE tenant_id = $1"


async def _take(tx: Tx, change: Row, ids: list[UUID]) -> None:
    way, undoes = WAYS[change["act"]], change["undoes"]
    version = await tx.fetchval(_LATEST, tx.tenant) + 1
    judging = _JUDGE.format(
        kept=way.kept,
        lost=_placed(way.lost) if undoes else "false",
        unless="false" if undoes else _placed(way.unless),
    )
    args = (tx.tenant, change["id"], ids, tx.now, change["value"], version, undoes)
    judged = await tx.fetch(judging, *args)
    found = sorted(one["product_id"] for one in judged if one["outcome"] == "changed")
    await tx.execute(
        "UPDATE bulk_change SET taken = taken + $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, change["id"], len(ids)
    )
    if not found:
        return
    await _make_room(tx, found, way, undoes)
    before = await products_now(tx, found)
    await next_version(tx)
    setting = _SET.format(sets=_placed(way.back if undoes else way.sets))
    await tx.execute(setting, tx.tenant, change["id"], found, tx.now, change["value"], version, undoes)
    facts = {"version": version, "at_once": change["wanted"], "change": change["id"]}
    await audit_products(tx, way.audited, before, found, **facts, **({"undoes": undoes} if undoes else {}))
    if change["act"] == "schedule":
        await look_again(tx, await _moments(tx, found))
    tx.emit(CatalogueChanged(version))


def _placed(sql: str) -> str:
    return sql.format(now="$4::timestamptz", value="$5::jsonb")


async def _make_room(tx: Tx, ids: list[UUID], way: Way, undoes: UUID | None) -> None:
    """Refuse to put more on sale than the plan has room for. Raises PlanFull."""
    if way.audited not in {"product.restored", "product.archived"} or (way is WAYS["archive"] and undoes is None):
        return
    off = "SELECT count(*) FROM product WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) AND archived_at IS NOT NULL"
    await refuse_beyond(tx, await tx.fetchval(off, tx.tenant, ids))


async def _moments(tx: Tx, ids: list[UUID]) -> list[datetime | None]:
    rows = await tx.fetch(
        """SELECT DISTINCT m FROM product p, unnest(ARRAY[p.available_from, p.available_until]) AS m
            WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])""",
        tx.tenant,
        ids,
    )
    return [row["m"] for row in rows]


async def _begin(tx: Tx, act: Act, value: Value, undoes: UUID | None) -> UUID:
    id, who = new_id(), tx.actor
    person = who.id if who.kind == "person" else None
    await tx.execute(_START, tx.tenant, id, act, json.dumps(dict(value)), undoes, person, who.name, tx.now)
    return id


async def _count(tx: Tx, change: UUID, action: str, **facts: object) -> None:
    wanted = await tx.fetchval(
        """UPDATE bulk_change SET wanted = (SELECT count(*) FROM bulk_change_row
                                             WHERE tenant_id = $1 AND change_id = $2)
            WHERE tenant_id = $1 AND id = $2 RETURNING wanted""",
        tx.tenant,
        change,
    )
    tx.audit(action, "catalogue", None, change=change, products=wanted, **facts)


async def _change(tx: Tx, change: UUID) -> Row:
    row = await tx.fetchrow("SELECT * FROM bulk_change WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant, change)
    if row is None:
        raise NotFound("change")
    return row


async def _end(tx: Tx, change: UUID, state: str) -> None:
    await tx.execute(
        "UPDATE bulk_change SET state = $3, finished_at = $4 WHERE tenant_id = $1 AND id = $2 AND state = 'running'",
        tx.tenant,
        change,
        state,
        tx.now,
    )
