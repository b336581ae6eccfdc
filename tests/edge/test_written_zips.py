"""Tables inside of zips: as safe as those that are downloaded one by one, and numbers below zero stay numbers."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import asyncpg

from retail.life.archive import Beside, make_archive
from retail.privacy.exports import zipped
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import Shelf
from retail.settings import Settings
from tests.edge.test_written_out import FORMULAS, STARTS, is_number
from tests.support.database import Clone
from tests.support.selling import open_counter
from tests.support.world import Shop


def running(text: str) -> list[str]:
    rows = csv.reader(io.StringIO(text, newline=""))
    return [cell for row in rows for cell in row if cell.startswith(STARTS) and not is_number(cell)]


async def nobody(_done: int, _total: int) -> None:
    return None


async def test_no_table_of_a_businesss_archive_runs_and_its_amounts_can_be_added(
    shop: Shop, clone: Clone, tmp_path: Path
) -> None:
    await (await open_counter(shop)).sell()
    admin = await asyncpg.connect(clone.admin_url)
    for ware, formula in zip(shop.products, FORMULAS, strict=False):
        await admin.execute("UPDATE product SET name = $2 WHERE id = $1", ware.id, formula)
    await admin.close()
    path = tmp_path / "business.zip"
    await make_archive(
        shop.db,
        Scope.system(shop.tenant.id),
        path,
        Beside(Shelf(Settings(data_dir=tmp_path), shop.tenant.id), None),
        nobody,
    )
    with zipfile.ZipFile(path) as archive:
        tables = {name: archive.read(name).decode() for name in archive.namelist() if name.startswith("csv/")}
        lines = [json.loads(line) for line in archive.read("json/journal_line.jsonl").decode().splitlines()]
    assert {name: cells for name, text in tables.items() if (cells := running(text))} == {}
    assert "'=HYPERLINK" in tables["csv/product.csv"]
    amounts = [int(row["amount_minor"]) for row in csv.DictReader(io.StringIO(tables["csv/journal_line.csv"]))]
    assert sorted(amounts) == sorted(line["amount_minor"] for line in lines)
    assert min(amounts) < 0


def test_no_table_of_a_persons_data_runs_and_its_amounts_can_be_added() -> None:
    rows = [{"name": formula, "total_minor": -420, "units": "-1.500", "void": None} for formula in FORMULAS]
    with zipfile.ZipFile(io.BytesIO(zipped({"sale": rows}))) as archive:
        text = archive.read("csv/sale.csv").decode()
    assert running(text) == []
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {(row["total_minor"], row["units"], row["void"]) for row in read} == {("-420", "-1.500", "")}
    assert {row["name"] for row in read} == {f"'{formula}" for formula in FORMULAS}
