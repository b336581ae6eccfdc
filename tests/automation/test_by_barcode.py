"""Files whose rows are found by barcode, articles without a SKU among them; and a row that the work breaks off on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from retail.automation.imports import operations
from retail.automation.imports.errors import NotAtThisStage
from retail.automation.imports.queries import RowFacts
from retail.automation.kinds.base import Given
from retail.automation.kinds.products import Products
from tests.automation.conftest import Exchange
from tests.support.world import ean13

NO_CODE = "The row has no barcode to find its product by. Write one, or have the rows found by their SKU."
BROKE_OFF = "We could not work this row out, and have noted that."


def told(rows: list[RowFacts]) -> list[tuple[int, str, str]]:
    return [(row.line, row.reasons[0].column, row.reasons[0].sentence) for row in rows]


async def test_a_new_article_without_a_sku_gets_one_of_the_series(exchange: Exchange) -> None:
    known = exchange.shop.products[0].barcode
    rows = [f"{known},Cola 1 l,1.99,R", f"{ean13(900)},Brand new,2,R", f"{ean13(901)},Newer,3,R", ",No code,2,R"]
    run = await exchange.check("barcodes,name,price,tax_class\n" + "\n".join(rows), match_by="barcode")
    assert (run.stage, run.failed, run.new_count, run.changed_count) == ("checked", False, 2, 1)
    assert told(await exchange.rows(run.id, "refused")) == [(5, "barcodes", NO_CODE)]
    done = await exchange.store(run.id, whole=False)
    assert (done.stage, done.stored_count) == ("done", 3)
    made = await exchange.fetch(
        """SELECT p.sku, p.name, b.code FROM product p JOIN barcode b ON b.tenant_id = $1 AND b.product_id = p.id
            WHERE p.tenant_id = $1 AND p.sku LIKE 'SKU-XX%' ORDER BY p.sku"""
    )
    assert [(row["sku"][-4:], row["name"], row["code"]) for row in made] == [
        ("0001", "Brand new", ean13(900)), ("0002", "Newer", ean13(901)),
    ]  # fmt: skip
    again = await exchange.check("barcodes,name,price,tax_class\n" + "\n".join(rows[:3]), match_by="barcode")
    assert (again.same_count, again.refused_count) == (3, 0)


async def test_an_empty_sku_cell_of_a_new_article_is_as_none(exchange: Exchange) -> None:
    run = await exchange.take_in(f"sku,barcodes,name,price,tax_class\n,{ean13(900)},Tea,2,R\n")
    assert run.refused_count == 1  # found by SKU, nobody could tell whether it is there already
    run = await exchange.check(f"sku,barcodes,name,price,tax_class\n,{ean13(900)},Tea,2,R\n", match_by="barcode")
    assert (run.new_count, run.refused_count) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "head", "rest"),
    [
        ("prices", "barcode,price", "2"),
        ("stock", "barcode,store,quantity", "ALT,7"),
        ("supplier_products", "barcode,supplier,cost", "Nobody,2"),
    ],
)
async def test_other_kinds_name_what_a_row_without_a_known_barcode_lacks(
    exchange: Exchange, kind: str, head: str, rest: str
) -> None:
    run = await exchange.check(f"{head}\n,{rest}\n{ean13(900)},{rest}\n", kind, match_by="barcode")
    assert (run.stage, run.failed, run.refused_count) == ("checked", False, 2)
    assert told(await exchange.rows(run.id, "refused")) == [
        (2, "barcode", NO_CODE), (3, "barcode", "There is no product with this barcode."),
    ]  # fmt: skip


HEADER = "sku,name,price,tax_class\n"
ROWS = HEADER + "\n".join(f"T-{n},Tea {n},2.49,R" for n in range(6))


async def test_a_row_that_the_check_breaks_off_on_is_refused_and_the_others_go_on(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, known = Products.judge, Products.known

    def breaks(self: Products, given: list[Given], *rest: Any) -> Any:
        return judge(self, given, *rest) if all(row.cells["sku"] != "T-3" for row in given) else {}["sku"]

    async def unread(self: Products, read: Any, given: list[Given], *rest: Any) -> Any:
        if any(row.cells["sku"] == "T-5" for row in given):
            raise ValueError(given)
        return await known(self, read, given, *rest)

    monkeypatch.setattr(Products, "judge", breaks)
    monkeypatch.setattr(Products, "known", unread)
    run = await exchange.check(ROWS)
    assert (run.stage, run.failed, run.new_count) == ("checked", False, 4)
    refused = await exchange.rows(run.id, "refused")
    assert [(row.line, row.name) for row in refused] == [(5, "T-3"), (7, "T-5")]
    assert all(row.reasons[0].sentence.startswith(BROKE_OFF) for row in refused)


async def test_a_row_that_storing_breaks_off_on_is_found_and_refused(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Products.store

    async def breaks(self: Products, tx: Any, verdicts: Any, known: Any) -> None:
        await store(self, tx, verdicts, known)
        assert not any(one.name == "T-3" for one in verdicts) or {}["sku"]

    run = await exchange.check(ROWS)
    monkeypatch.setattr(Products, "store", breaks)
    back = await exchange.store(run.id)
    assert (back.stage, back.stored_count, back.failed) == ("checked", 0, False)
    assert back.problem.startswith("Storing broke off at one of the rows, so nothing was stored.")
    done = await exchange.store(run.id, whole=False)
    assert (done.stage, done.stored_count, done.refused_count, done.failed) == ("done", 5, 1, False)
    (refused,) = await exchange.rows(run.id, "refused")
    assert (refused.line, refused.reasons[0].sentence.startswith(BROKE_OFF)) == (5, True)


async def give_up(exchange: Exchange, id: UUID) -> None:
    """Have the job of an import failed for good before any worker takes it."""
    async with exchange.shop.db.begin(exchange.shop.scope) as tx:
        await tx.execute(
            """UPDATE job SET failed_at = $3 WHERE tenant_id = $1
                  AND id = (SELECT job_id FROM import_run WHERE tenant_id = $1 AND id = $2)""",
            tx.tenant, id, tx.now,
        )  # fmt: skip


async def test_work_that_failed_for_good_can_be_asked_for_again(exchange: Exchange) -> None:
    shop = exchange.shop
    run = await exchange.hand_in(ROWS)
    await shop.db.run(shop.scope, operations.name_columns, run.id, run.columns, "sku")
    with pytest.raises(NotAtThisStage):
        await shop.db.run(shop.scope, operations.name_columns, run.id, run.columns, "sku")
    await give_up(exchange, run.id)
    assert (await exchange.run(run.id)).failed
    await shop.db.run(shop.scope, operations.name_columns, run.id, run.columns, "sku")
    checked = await exchange.work_off(run.id)
    assert (checked.stage, checked.new_count) == ("checked", 6)
    await shop.db.run(shop.scope, operations.ask_to_store, run.id, whole=True)
    await give_up(exchange, run.id)
    done = await exchange.store(run.id)
    assert (done.stage, done.stored_count, done.failed) == ("done", 6, False)
