"""Every list goes out in every form with what its page shows, to whoever may see it and take it out."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest

from retail.automation.cells import Ways
from retail.automation.exports.lists import LISTS, PACKED, rights_of
from retail.automation.exports.making import Order, write_list
from retail.automation.exports.narrowing import narrowed
from retail.automation.exports.sql_lists import cell
from retail.automation.exports.walking import COSTS, Walked
from retail.automation.files.writing import Form
from retail.automation.routes import AT
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.money import currency
from tests.automation.conftest import Exchange
from tests.privacy.conftest import Seeded, row_in, seed
from tests.support.database import Clone
from tests.support.web import Site
from tests.support.world import Shop, open_shop

FORMS = get_args(Form)


def read_back(path: Path, form: Form) -> Any:
    """Read what was written, with its headings."""
    if form == "json":
        return json.loads(path.read_text())
    if form == "csv":
        return list(csv.DictReader(io.StringIO(path.read_text())))
    book = openpyxl.load_workbook(path, read_only=True)
    rows = list(book.active.values)  # type: ignore[union-attr]
    book.close()
    return [dict(zip_longest(map(str, rows[0]), row)) for row in rows[1:]]


async def taken(
    shop: Shop, name: str, form: Form, path: Path, asked: dict[str, str] | None = None, *, costs: bool = True
) -> Any:
    """Take a list out as its page does; gives its rows with their headings."""
    async with shop.db.read(shop.scope) as read:
        where = await narrowed(read, name, list((asked or {}).items()))
        await write_list(read, Order(LISTS[name], form, Ways(shop.tenant.money, "UTC"), where, costs), path)
    return read_back(path, form)


async def filled(seeded: Seeded) -> None:
    """Give every list something to show, made up where nobody did it."""
    async with seeded.admin.transaction():
        await seeded.admin.execute("SET LOCAL session_replication_role = replica")
        for table in ("category", "notice", "shift", "z_report", "voided", "location", "tax_exemption"):
            await row_in(seeded, table)


@pytest.mark.parametrize("form", FORMS)
async def test_every_list_goes_out_in_every_form(shop: Shop, clone: Clone, tmp_path: Path, form: Form) -> None:
    told: dict[str, int] = {}
    async with seed(shop.db, shop, clone.admin_url, tmp_path) as seeded:
        await filled(seeded)
        for name, one in LISTS.items():
            rows = await taken(shop, name, form, tmp_path / f"{name}.{form}")
            told[name] = len(rows)
            assert all(list(row) == one.header(costs=True) for row in rows), name
    assert {name for name, rows in told.items() if rows} >= {
        "products", "prices", "moves", "sales", "receipts", "journal", "accounts", "categories", "taxes",
        "people", "stores", "tills", "audit", "shifts", "devices", "price-changes",
    }  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_what_goods_cost_is_left_out_for_who_may_not_see_it(name: str) -> None:
    one = LISTS[name]
    hidden = set(one.header(costs=True)) - set(one.header(costs=False))
    if isinstance(one, Walked):
        assert hidden == {column.name for column in one.columns if column.kind in COSTS}
    assert not {
        head
        for head in one.header(costs=False)
        if head in {"unit_cost", "average_cost", "cost", "margin", "sold_at_cost"}
    }


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_asks_for_its_own_right_and_for_export(site: Site, shop: Shop, name: str) -> None:
    at, rights = f"/t/{shop.tenant.slug}{AT[name]}", rights_of(LISTS[name])
    assert (await (await site.holder(shop, *rights)).get(at)).status_code == 403
    for lacking in rights:
        other = "view_sales" if "view_sales" not in rights else "view_stock"
        some = await site.holder(shop, other, "export", *(one for one in rights if one != lacking))
        assert (await some.get(at)).status_code == 403, lacking
    every = await site.holder(shop, *rights, "export")
    answer = await every.get(f"{at}?format=csv")
    wanted = "application/zip" if name in PACKED else "text/csv; charset=utf-8"
    assert (answer.status_code, answer.headers["content-type"]) == (200, wanted)
    async with shop.db.read(shop.scope) as read:
        facts = await read.fetchval(
            "SELECT facts FROM audit_event WHERE tenant_id = $1 AND action = 'data.exported' ORDER BY id DESC LIMIT 1",
            read.tenant,
        )
    assert json.loads(facts)["table"] == name
    stranger = await site.member(await open_shop(shop.db))
    assert (await stranger.get(at)).status_code == 404


async def test_a_list_follows_the_filters_of_its_page(exchange: Exchange, tmp_path: Path) -> None:
    shop = exchange.shop
    all_of_it = await taken(shop, "stores", "json", tmp_path / "a")
    assert len(all_of_it) == 2
    people = await taken(shop, "people", "json", tmp_path / "b", {"q": "nobody is called that"})
    assert people == []
    for name, asked in (
        ("counts", {"state": "nowhere"}), ("moves", {"store": str(new_id())}), ("shifts", {"sort": "colour"}),
        ("audit", {"from": "2026-02-01", "to": "2026-01-01"}), ("journal", {"kind": "gift"}),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await taken(shop, name, "json", tmp_path / "c", asked)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["money", "worth", "cost"])
def test_amounts_are_in_the_currencys_own_units_in_every_form(form: str, kind: str) -> None:
    assert Decimal(cell(Decimal(420) if kind == "cost" else 420, kind, form, currency("EUR"))) == Decimal("4.2")
    assert cell(420, "plain", "json", currency("EUR")) == 420


async def test_json_has_the_figures_of_csv_in_every_list(shop: Shop, clone: Clone, tmp_path: Path) -> None:
    compared: set[str] = set()
    async with seed(shop.db, shop, clone.admin_url, tmp_path) as seeded:
        await filled(seeded)
        for name, one in LISTS.items():
            if name in PACKED:
                continue
            figures = [head for at, head in enumerate(one.header(costs=True)) if at in one.numbers(costs=True)]
            rows = [await taken(shop, name, form, tmp_path / f"{name}.{form}") for form in ("csv", "json")]
            for paper, program in zip(*rows, strict=True):
                told = {head: "" if program[head] is None else str(program[head]) for head in figures}
                assert told == {head: paper[head] for head in figures}, name
                compared |= {f"{name} {head}" for head in figures if told[head]}
    assert compared >= {
        "products price", "products average_cost", "moves unit_cost", "sales total", "journal amount", "receipts total",
        "stock-value unit_cost", "stock-value value", "waste cost",
    }  # fmt: skip
