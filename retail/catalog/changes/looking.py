"""Looking at a change of many products: before it is made what it would do, afterwards what it did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.catalog.changes.acts import WAYS, Act
from retail.catalog.changes.running import Choice, Matching, Value
from retail.catalog.lists.wanted import Wanted, narrowing
from retail.kit.errors import NotFound
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row

SHOWN: Final = 10

# What is put in are texts of acts.py and conditions, which hold places for values and no values.
_COUNTED: Final = """
SELECT count(*) AS products, count(*) FILTER (WHERE {unless}) AS same
  FROM product p
 WHERE p.tenant_id = $1{where} AND {now} IS NOT NULL AND {value} IS NOT NULL
"""
_NAMED: Final = f"""
SELECT p.id, p.name, p.sku, {{kept}} AS before
  FROM product p
 WHERE p.tenant_id = $1{{where}} AND {{now}} IS NOT NULL AND {{value}} IS NOT NULL AND NOT ({{unless}})
 ORDER BY p.sort_name, p.id LIMIT {SHOWN}
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Example:
    """A product of a change, with what the change touches as it is before it: the columns' names and plain values."""

    id: UUID
    name: str
    sku: str
    before: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do: of so many products some stay as they are; the first few of the others by name."""

    products: int
    same: int
    examples: list[Example]

    @property
    def changed(self) -> int:
        """How many would be changed."""
        return self.products - self.same


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that was made or is under way. `undone` is the change that undid it."""

    id: UUID
    act: Act
    value: dict[str, Any]
    state: str
    wanted: int
    taken: int
    undoes: UUID | None
    undone: UUID | None
    actor_name: str
    created_at: datetime
    finished_at: datetime | None
    changed: int
    passed: int

    @property
    def can_undo(self) -> bool:
        """Claim that there is something to bring back."""
        return self.state != "running" and self.changed > 0 and self.undone is None

    @property
    def share(self) -> int:
        """How far it is, in percent."""
        return 100 if not self.wanted else self.taken * 100 // self.wanted


def chosen(tenant: UUID, choice: Choice) -> Conditions:
    """Give the conditions on `product p` for what somebody chose."""
    if isinstance(choice, Matching):
        return narrowing(tenant, choice.wanted)
    return narrowing(tenant, Wanted(ids=frozenset(one.id for one in choice) or frozenset({UUID(int=0)})))


async def preview(read: Read, act: Act, value: Value, choice: Choice) -> Preview:
    """Say what a change would do to the products as they are now."""
    way, where = WAYS[act], chosen(read.tenant, choice)
    given = len(where.args)
    now, told = f"${given + 1}::timestamptz", f"${given + 2}::jsonb"
    texts = {"unless": way.unless.format(now=now, value=told), "kept": way.kept, "where": where.sql}
    args = (*where.args, read.now, json.dumps(dict(value)))
    counting, naming = (text.format(now=now, value=told, **texts) for text in (_COUNTED, _NAMED))
    counted = await read.fetchrow(counting, *args)
    rows = await read.fetch(naming, *args)
    assert counted is not None  # noqa: S101 - a count always gives a row
    return Preview(counted["products"], counted["same"], [_example(row) for row in rows])


async def count(read: Read, choice: Choice) -> int:
    """Count the products that somebody chose."""
    where = chosen(read.tenant, choice)
    many: int = await read.fetchval(
        f"SELECT count(*) FROM product p WHERE p.tenant_id = $1{where.sql}",  # noqa: S608 - conditions without values
        *where.args,
    )
    return many


_KEPT: Final = """
SELECT b.id, b.act, b.value, b.state, b.wanted, b.taken, b.undoes, u.id AS undone, b.actor_name, b.created_at,
       b.finished_at, w.changed, w.passed
  FROM bulk_change b
  LEFT JOIN bulk_change u ON u.tenant_id = b.tenant_id AND u.undoes = b.id
 CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE r.outcome = 'changed') AS changed,
                            count(*) FILTER (WHERE r.outcome = 'passed') AS passed
                       FROM bulk_change_row r WHERE r.tenant_id = b.tenant_id AND r.change_id = b.id) w
 WHERE b.tenant_id = $1
"""


async def change(read: Read, id: UUID) -> Kept:
    """Give one change. Raises NotFound."""
    row = await read.fetchrow(_KEPT + " AND b.id = $2", read.tenant, id)
    if row is None:
        raise NotFound("change")
    return _kept(row)


async def changes(read: Read, most: int = 50) -> list[Kept]:
    """List the newest changes."""
    rows = await read.fetch(f"{_KEPT} ORDER BY b.created_at DESC, b.id DESC LIMIT {most:d}", read.tenant)
    return [_kept(row) for row in rows]


async def examples(read: Read, id: UUID, outcome: str, most: int = SHOWN) -> list[Example]:
    """Name the first products of a change with this outcome."""
    rows = await read.fetch(
        """SELECT p.id, p.name, p.sku, coalesce(r.before, '{}') AS before
             FROM bulk_change_row r JOIN product p ON p.tenant_id = r.tenant_id AND p.id = r.product_id
            WHERE r.tenant_id = $1 AND r.change_id = $2 AND r.outcome = $3 ORDER BY p.sort_name, p.id LIMIT $4""",
        read.tenant,
        id,
        outcome,
        most,
    )
    return [_example(row) for row in rows]


def _example(row: Row) -> Example:
    return Example(row["id"], row["name"], row["sku"], json.loads(row["before"]))


def _kept(row: Row) -> Kept:
    return Kept(**{**dict(row), "value": json.loads(row["value"])})
