"""What goes out comes in again without a change, whatever the catalogue holds, in every form."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail import stock
from retail.automation.cells import Ways
from retail.automation.columns import guess
from retail.automation.exports.lists import LISTS
from retail.automation.exports.making import Order, write_list
from retail.automation.files import reading, writing
from retail.automation.kinds.all_kinds import KINDS
from retail.automation.kinds.product_columns import PRODUCTS
from retail.catalog.operations import Draft, add_category, put_products
from retail.catalog.products.families import FamilyFacts, put_family
from retail.catalog.products.placing import place_category
from retail.catalog.products.traits import Part, Traits
from retail.catalog.products.tree import Spot
from retail.kit.guard import guarded, unguarded
from retail.kit.ids import new_id
from retail.kit.money import currency
from retail.stock import Arrival, Document, Move, open_stock
from scripts.write_columns import PAGE, page
from tests.automation.conftest import Exchange
from tests.support.world import ean13, open_shop

FORMS = get_args(writing.Form)
BEGAN = datetime(2000, 1, 1, tzinfo=UTC)
WAYS = Ways(currency("EUR"))
NASTY = [
    "=cmd()",
    "'=quoted",
    "''=twice",
    "+1",
    "-1",
    "@x",
    "a|b",
    "a\\b",
    "a=b",
    "x > y",
    "Grün; ä, ß",
    '"q"',
    "日本語",
]
LETTERS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp")) | st.sampled_from("=+-@'\"|\\,;>\t"),
    min_size=1, max_size=12,
)  # fmt: skip


def tidy(text: str) -> str:
    """Bring a text to what a form would have stored of it."""
    return "".join(c for c in text if c.isprintable()).strip() or "x"


async def out(exchange: Exchange, name: str, form: writing.Form, path: Path) -> bytes:
    """Write a list as its page does."""
    shop = exchange.shop
    async with shop.db.read(shop.scope) as read:
        await write_list(read, Order(LISTS[name], form, Ways(shop.tenant.money, "UTC"), None, costs=True), path)
    return await asyncio.to_thread(path.read_bytes)


@given(LETTERS)
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    assert guarded(text)[:1] not in set("=+@\t\r")
    assert unguarded(guarded(text)) == text


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "category": st.lists(LETTERS.map(tidy), min_size=1, max_size=3).map(tuple),
    "barcodes": st.lists(st.sampled_from(["4006381333931", "TEA LABEL", "A|B", "X\\1"]), min_size=1, unique=True).map(
        tuple
    ),
    "tags": st.lists(LETTERS.map(tidy), min_size=1, max_size=20, unique=True).map(tuple),
    "options": st.dictionaries(LETTERS.map(tidy), LETTERS.map(tidy), min_size=1, max_size=3).map(
        lambda d: tuple(d.items())
    ),
    "parts": st.lists(
        st.tuples(LETTERS.map(tidy), st.integers(1, 10**8).map(lambda n: (Decimal(n) / 1000).normalize())), min_size=1
    ).map(tuple),
    "price": st.integers(0, 100_000_000),
    "unit_cost": st.integers(0, 10**12).map(lambda n: Decimal(n) / 10**6),
    "reorder_point": st.integers(0, 10**9).map(lambda n: Decimal(n) / 1000),
    "favourite": st.booleans(),
    "min_age": st.integers(1, 99),
    "content": st.tuples(st.integers(1, 10**6), st.sampled_from(["l", "kg", "g"])),
    "available_from": st.integers(0, 10**15).map(lambda n: BEGAN + timedelta(microseconds=n)),
}


@pytest.mark.parametrize("name", sorted(VALUES))
def test_what_is_written_is_read_back(name: str) -> None:
    sort = next(column for column in PRODUCTS if column.name == name).sort

    @given(VALUES[name])
    def holds(value: Any) -> None:
        assert sort.read(sort.write(value, WAYS), WAYS) == value

    holds()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(LETTERS, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(FORMS))
def test_any_text_survives_a_file(rows: list[list[str]], form: writing.Form) -> None:
    path = Path(f"/tmp/round-{new_id()}")
    file = writing.sink(path, form, ["sku", "name", "notes"])
    for row in rows:
        file.add(row)
    file.close()
    found = reading.form_of(path)
    header = reading.header_of(path, found)
    read = [cells for _line, cells in reading.rows_of(path, found, header)]
    path.unlink()
    assert (found, header, read) == (form, ["sku", "name", "notes"], rows)


def generated(exchange: Exchange, seed: int) -> list[Draft]:
    """Make products of every sort, the odd ones more often than in life."""
    luck, shop = random.Random(seed), exchange.shop
    made: list[Draft] = []
    for n in range(25):
        kit = n > 15 and luck.random() < 0.4
        unit = "each" if kit else luck.choice(["each", "each", "kg", "l"])
        parts = (
            [
                Part(
                    one.id, Decimal(luck.randint(1, 9)) if one.unit == "each" else Decimal(luck.randint(1, 9000)) / 1000
                )
                for one in luck.sample(made[:10], 2)
            ]
            if kit
            else []
        )
        traits = Traits(
            "kit" if kit else "goods",
            tuple(parts),
            open_price=luck.random() < 0.2,
            min_age=luck.choice([None, None, 16, 18]),
            tags=tuple(dict.fromkeys(luck.choices(NASTY[:10], k=luck.randint(0, 3)))),
            attributes={
                text.strip() or "blank": text.strip() or "b" for text in luck.choices(NASTY, k=luck.randint(0, 3))
            },
            notes=luck.choice(["", "two\nlines", "=1+1", *NASTY]),
            available_from=luck.choice([None, datetime(2020, 5, 17, 8, 30, 1, 123456, UTC)]),
            tracking="none" if kit else luck.choice(["none", "none", "lot"]),
            content_milli=luck.choice([None, 500]),
        )
        traits = replace(traits, content_unit="l" if traits.content_milli else None)
        made.append(
            Draft(
                new_id(), f"{luck.choice(NASTY)}-{n}", luck.choice(NASTY) + luck.choice(["", " x"]),
                luck.choice([shop.standard, shop.reduced]), luck.choice([0, 1, 99, 420, 10**8]),
                luck.choice([None, shop.category]),
                tuple(luck.sample([ean13(500 + n), f"LBL {n}", f"A|B{n}"], luck.randint(0, 3))),
                unit, 0 if unit == "each" else 3, Decimal(luck.randint(0, 10**9)) / 10**6,
                luck.choice([None, Decimal(7) if unit == "each" else Decimal("2.5")]), luck.random() < 0.3, traits,
            )
        )  # fmt: skip
    return made


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(4))
async def test_a_catalogue_comes_in_again_without_a_change(
    exchange: Exchange, tmp_path: Path, form: writing.Form, seed: int
) -> None:
    shop = exchange.shop
    shirt = FamilyFacts(new_id(), "T-shirt = | >", ("Size", "a|b"))
    variants = [
        (
            Draft(new_id(), f"TS-{size}", f"T-shirt {size}", shop.standard, 1999, shop.category),
            {"Size": size, "a|b": "=x"},
        )
        for size in ("M", "L|XL")
    ]
    async with shop.db.begin(shop.scope) as tx:
        await add_category(tx, dairy := new_id(), "Dairy > cold", 10)
        await place_category(tx, dairy, Spot(shop.category))
        await put_products(tx, [replace(one, category=one.category and dairy) for one in generated(exchange, seed)])
        await put_family(tx, shirt, variants)
    content = await out(exchange, "products", form, tmp_path / "out")
    before = await exchange.fetch("SELECT * FROM product WHERE tenant_id = $1 ORDER BY id")
    run = await exchange.check(content)
    refused, changed = await exchange.rows(run.id, "refused"), await exchange.rows(run.id, "changed")
    assert [(row.name, row.reasons) for row in refused] == []
    assert [(row.name, row.changes) for row in changed] == []
    assert (run.form, run.row_count, run.same_count) == (form, len(before), len(before))
    assert await exchange.fetch("SELECT * FROM product WHERE tenant_id = $1 ORDER BY id") == before
    prices = await exchange.check(await out(exchange, "prices", form, tmp_path / "prices"), "prices")
    assert (prices.same_count, prices.row_count) == (len(before), len(before))


@pytest.mark.parametrize("form", FORMS)
async def test_a_catalogue_moves_to_another_business_whole(
    exchange: Exchange, tmp_path: Path, form: writing.Form
) -> None:
    shop = exchange.shop
    async with shop.db.begin(shop.scope) as tx:
        await put_products(tx, generated(exchange, 11))
    content = await out(exchange, "products", form, tmp_path / "out")
    other = Exchange(await open_shop(shop.db))
    run = await other.take_in(content)
    assert (run.stage, run.refused_count, run.stored_count) == ("done", 0, 25)
    assert await out(other, "products", "csv", tmp_path / "there") == await out(
        exchange, "products", "csv", tmp_path / "here"
    )


@pytest.mark.parametrize("form", FORMS)
async def test_stock_comes_in_again_without_a_change_also_below_zero(
    exchange: Exchange, tmp_path: Path, form: writing.Form
) -> None:
    shop = exchange.shop
    document = Document(new_id(), shop.store, "", datetime.now(UTC))
    arrivals = [Arrival(ware.id, Decimal("3"), Decimal("12.345678")) for ware in shop.products[:3]]
    async with shop.db.begin(shop.scope) as tx:
        await open_stock(tx, document, arrivals)
        move = Move(new_id(), shop.store, shop.products[3].id, "sale", Decimal(-2), Decimal(1), "", None, tx.now)
        part = Move(new_id(), shop.store, shop.products[0].id, "sale", Decimal("-0.5"), Decimal(1), "", None, tx.now)
        await stock.move(tx, [move, part])
        await stock.fold(tx)
    run = await exchange.check(await out(exchange, "stock", form, tmp_path / "out"), "stock")
    refused = await exchange.rows(run.id, "refused")
    assert [(row.name, row.reasons) for row in refused] == []
    assert (run.row_count, run.same_count) == (4, 4)


@pytest.mark.parametrize("kind", ["products", "prices"])
def test_a_cost_that_was_worked_out_is_never_taken_for_a_typed_one(kind: str) -> None:
    assert LISTS[kind].header(costs=True)[-1] == "average_cost"
    assert guess(["sku", "average_cost"], KINDS[kind].columns, {}) == ["sku", ""]


def test_the_page_of_columns_is_what_the_import_reads_by() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m scripts.write_columns"
