"""A file of products taken in by a worker: from the moment that its columns are named until its last row is stored.

    python -m benchmarks.import_products [--rows 100000] [--form csv|xlsx|json]

The file has what a shop's file has: SKU, name, price, tax, group, a barcode with its check digit, unit, cost, reorder
point. It is checked (read as a whole, every row judged and compared with what is there) and then stored as a whole, in
one transaction, by `python -m workers`. Then it comes a second time, which changes nothing, and a third time with every
price changed. Memory is the worker's peak. Beside it, in the same run: COPY of the same rows into tables without keys,
walls or anything else, as fast as this machine's Postgres takes bytes in; and into tables with our indexes and keys.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg

from benchmarks.support.stage import Stage, stage
from benchmarks.support.table import show, verdict
from benchmarks.support.usage import load_of_others
from retail.automation.files import writing
from retail.automation.files.reading import form_of, header_of
from retail.automation.imports import operations
from retail.automation.imports.files import keep, path_of
from retail.automation.imports.queries import RunFacts, run_of
from retail.kit.ids import new_id
from retail.live import projections
from retail.settings import Settings
from tests.support.world import Shop, ean13, open_shop

HEADER: Final = ("sku", "name", "price", "tax_class", "category", "barcodes", "unit", "unit_cost", "reorder_point")
SECONDS: Final = 60
MEGABYTES: Final = 500
_LOOSE: Final = """
CREATE TEMP TABLE loose_product (sku text, name text, price text, tax text, category text, barcode text, unit text,
                                 cost text, point text)
"""
_TIGHT: Final = """
CREATE TEMP TABLE tight_product (LIKE product INCLUDING ALL);
CREATE TEMP TABLE tight_barcode (LIKE barcode INCLUDING ALL)
"""


def rows(count: int, cents: int) -> list[list[str]]:
    """Make the file's rows; `cents` is added to every price."""
    made = []
    for n in range(count):
        price = 100 + n % 5_000 + cents
        cost = f"{price // 2 / 100:.4f}".rstrip("0").rstrip(".")
        made.append(
            [f"A-{n:06d}", f"Article number {n}, 500 g", f"{price / 100:.2f}", "R", f"Food > Shelf {n % 60}",
             ean13(10_000 + n), "each", cost, str(n % 20)]
        )  # fmt: skip
    return made


def write(path: Path, form: writing.Form, made: list[list[str]]) -> None:
    """Write the file."""
    file = writing.sink(path, form, HEADER, frozenset({2, 7, 8}))
    for row in made:
        file.add(row)
    file.close()


async def take_in(there: Stage, shop: Shop, path: Path) -> tuple[RunFacts, float, float]:
    """Have the worker take a file in; gives the import, and the seconds of its check and of its storing."""
    id, scope, db = new_id(), shop.scope, there.db
    kept = path_of(Settings(data_dir=there.folder / "data"), shop.tenant.id, id)
    with path.open("rb") as source:
        handed = keep(source, kept)
    form = form_of(kept)
    new = operations.NewRun(id, "products", form, path.name, handed, header_of(kept, form), with_costs=True)
    run = await db.run(scope, operations.hand_in, new)
    begun = time.perf_counter()
    await db.run(scope, operations.name_columns, id, run.columns, "sku")
    run = await until(there, shop, id, "checked")
    checked = time.perf_counter()
    if not run.to_store:
        return run, checked - begun, 0.0
    await db.run(scope, operations.ask_to_store, id, whole=True)
    return await until(there, shop, id, "done"), checked - begun, time.perf_counter() - checked


async def until(there: Stage, shop: Shop, id: UUID, stage: str) -> RunFacts:
    """Wait for an import to be at a stage."""
    while True:
        async with there.db.read(shop.scope) as read:
            run = await run_of(read, id)
        if run.stage == stage:
            return run
        if run.stage == "stopped" or run.failed or run.problem:
            raise SystemExit(f"the import stands at {run.stage}: {run.problem}")
        await asyncio.sleep(0.1)


async def floor(there: Stage, shop: Shop, made: list[list[str]]) -> tuple[float, float]:
    """COPY the same rows past everything: into loose text, and into tables with our keys; gives both in seconds."""
    tenant = shop.tenant.id
    async with there.admin() as conn:
        await conn.execute(_LOOSE)
        begun = time.perf_counter()
        await conn.copy_records_to_table("loose_product", records=[tuple(row) for row in made])
        loose = time.perf_counter() - begun
        await conn.execute(_TIGHT)
        begun = time.perf_counter()
        await _copy_tight(conn, tenant, shop.standard, made)
        tight = time.perf_counter() - begun
    return loose, tight


async def _copy_tight(conn: asyncpg.Connection, tenant: UUID, tax: UUID, made: list[list[str]]) -> None:
    now = await conn.fetchval("SELECT now()")
    ids = [new_id() for _ in made]
    await conn.copy_records_to_table(
        "tight_product",
        columns=["tenant_id", "id", "sku", "name", "tax_class_id", "price_minor", "unit", "decimals", "unit_cost",
                 "favourite", "version", "created_at", "updated_at"],
        records=[(tenant, id, row[0], row[1], tax, int(row[2].replace(".", "")), "each", 0, 50, False, 1, now, now)
                 for id, row in zip(ids, made, strict=True)],
    )  # fmt: skip
    await conn.copy_records_to_table(
        "tight_barcode",
        columns=["tenant_id", "id", "product_id", "code", "normalised", "position"],
        records=[(tenant, new_id(), id, row[5], row[5].zfill(14), 0) for id, row in zip(ids, made, strict=True)],
    )


def peak(there: Stage) -> float:
    """Give the most memory that the worker ever had, in MB."""
    told = [Path(f"/proc/{one.pid}/status").read_text() for one in there.workers]
    return max(int(text.partition("VmHWM:")[2].split()[0]) for text in told) * 1024 / 1e6


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--form", choices=tuple(writing.FORMS), default="csv")
    asked = parser.parse_args()
    projections()
    async with stage(web=0, workers=1) as there:
        shop = await open_shop(there.db)
        await there.settle()  # and the worker is up
        table, first = [], 0.0
        for title, cents in (("new", 0), ("again, unchanged", 0), ("every price changed", 7)):
            made = rows(asked.rows, cents)
            path = there.folder / f"products.{asked.form}"
            write(path, asked.form, made)
            run, checking, storing = await take_in(there, shop, path)
            print(f"{title}: {checking + storing:.0f} s", flush=True)
            table.append((title, run.new_count, run.changed_count, run.same_count, checking, storing, peak(there)))
            first = first or checking + storing
        loose, tight = await floor(there, shop, made)
        print(f"{asked.rows:,} rows, {path.stat().st_size / 1e6:.1f} MB of {asked.form}; {load_of_others()}")
        show("Import", ("file", "new", "changed", "same", "check, s", "store, s", "peak, MB"), table,
             note=f"COPY of the same rows: {loose:.1f} s into loose text, {tight:.1f} s with our indexes")  # fmt: skip
        verdict("import", met=first <= SECONDS, measured=f"{first:.1f} s", target=f"{SECONDS} s")
        verdict("memory", met=peak(there) <= MEGABYTES, measured=f"{peak(there):.0f} MB", target=f"{MEGABYTES} MB")


if __name__ == "__main__":
    asyncio.run(main())
