"""Writing sales: one statement for all of a set's rows, then its stock moves and its journal entries.

Effects are bound to the row: lines, taxes, tenders, remarks, stock, postings and the event follow only for sales whose
own row was really inserted, so a sale that comes twice, also at the same moment, has its effects once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from retail.kit.ids import new_id
from retail.ledger import post
from retail.runtime.db import Tx
from retail.sales import rows
from retail.sales.documents import StoredSale
from retail.sales.effects import entry, moves
from retail.sales.events import DownPaid, ExceptionFound, completed
from retail.sales.remarks import Remark
from retail.stock import move

# `IN (SELECT …)` and not a join: a hashed look-up, whatever the planner thinks of the arrays' lengths.
_WRITE: Final = """
WITH sold AS (
  INSERT INTO sale (tenant_id, kind, received_at, currency, prices_include_tax, engine, cashier_id, cashier_name,
                    {sale_names})
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, {sale_values} FROM {sale_rows}
  ON CONFLICT DO NOTHING
  RETURNING id),
lines AS (
  INSERT INTO sale_line (tenant_id, {line_names}) SELECT $1, {line_values} FROM {line_rows}
   WHERE u.sale_id IN (SELECT sold.id FROM sold)),
taxes AS (
  INSERT INTO sale_tax (tenant_id, {tax_names}) SELECT $1, {tax_values} FROM {tax_rows}
   WHERE u.sale_id IN (SELECT sold.id FROM sold)),
paid AS (
  INSERT INTO tender (tenant_id, {tender_names}) SELECT $1, {tender_values} FROM {tender_rows}
   WHERE u.sale_id IN (SELECT sold.id FROM sold)),
off AS (
  INSERT INTO sync_exception (tenant_id, created_at, {remark_names}) SELECT $1, $3, {remark_values} FROM {remark_rows}
   WHERE u.sale_id IN (SELECT sold.id FROM sold))
SELECT sold.id FROM sold
""".format(**rows.sql(first=9))  # noqa: S608 - our own constants


async def insert(tx: Tx, sales: Sequence[StoredSale]) -> set[UUID]:
    """Insert sales with all that hangs on them; give the ids of those that are new.

    All are of one kind, taken in by one person in one transaction of a tenant: what follows from that is sent once.
    The others' id, or number on their till, is taken: nothing of them was written. Rows go in by id, so that two sets
    that share sales wait for each other instead of deadlocking.
    """
    ordered = sorted(sales, key=lambda sale: sale.id)
    found = await tx.fetch(
        _WRITE,
        tx.tenant,
        *rows.shared(sales[0]),
        *rows.arrays(ordered),
    )
    return {row["id"] for row in found}


_PARTS: Final = """
INSERT INTO sale_part (tenant_id, sale_id, line_id, position, product_id, quantity, unit_cost, cost_minor)
SELECT $1, u.sale_id, u.line_id, u.position, u.product_id, u.quantity * 0.001, u.unit_cost * 0.000001, u.cost
  FROM unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[])
       AS u (sale_id, line_id, position, product_id, quantity, unit_cost, cost)
"""


async def keep_parts(tx: Tx, sales: Sequence[StoredSale]) -> None:
    """Keep what the lines of newly inserted sales took where that isn't their own product; mostly nothing at all."""
    taken = [
        (sale.id, line.id, at, one.product, one.quantity_milli, one.unit_cost_micros, one.cost)
        for sale in sales
        for line in sale.lines
        for at, one in enumerate(line.parts or (), start=1)
    ]
    if taken:
        await tx.execute(_PARTS, tx.tenant, *rows.turned(taken, len(taken[0])))


async def follow_up(tx: Tx, sales: Sequence[StoredSale]) -> None:
    """Move the stock of newly inserted sales, post them, and tell the features above."""
    await keep_parts(tx, sales)
    await move(tx, [one for sale in sales for one in moves(sale)])
    await post(tx, [entry(sale) for sale in sales])
    for sale in sales:
        paid = DownPaid(sale.id, sale.store, sale.till, sale.shift, sale.after_close)
        tx.emit(paid if sale.kind == "payment" else completed(sale))


async def remark(tx: Tx, till: UUID, remarks: Sequence[Remark]) -> None:
    """Note what is off about a till where no sale carries it."""
    found = await tx.fetch(
        """INSERT INTO sync_exception (tenant_id, id, till_id, store_id, code, facts, created_at)
           SELECT $1, u.id, k.id, k.store_id, u.code, u.facts::jsonb, $2
             FROM unnest($4::uuid[], $5::text[], $6::text[]) AS u (id, code, facts)
             JOIN till k ON k.tenant_id = $1 AND k.id = $3
           RETURNING code, store_id""",
        tx.tenant,
        tx.now,
        till,
        [new_id() for _one in remarks],
        [one.code for one in remarks],
        [json.dumps(dict(one.facts)) for one in remarks],
    )
    if found:
        tx.emit(ExceptionFound(till, sorted({row["code"] for row in found}), found[0]["store_id"]))
