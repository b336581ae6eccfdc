"""The limit of a sale: pgbench sends the very statements that the product sends for one, with the same arrays.

The product's own code takes in one sale per basket with a connection that writes down every statement and its
arguments, and is rolled back. What belongs to a single sale in those arguments (ids, number, hash) is then exchanged
for new ones, so that each of pgbench's transactions stores a sale of its own, under the next number of its till. They
come from a table, several sales per row, because pgbench can't make arrays; that read is amortised over the row.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import subprocess
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.support.stage import Stage
from benchmarks.support.world import Product, Till, World, sale_text
from retail.identity.tokens import token_tenant
from retail.kit.ids import new_id
from retail.runtime.embedded import APP, DATABASE
from retail.runtime.tenancy import Actor, Scope
from retail.sales.operations import complete_sale
from retail.sales.reading import parse_json, read_sale

SALES_PER_ROW = 4
MARK = 987_654_321
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PLACE = re.compile(r"\x02([^\x03]*)\x03")


@dataclass(frozen=True)
class Statement:
    """One statement as the product sends it."""

    sql: str
    arguments: tuple[Any, ...]
    types: tuple[str, ...]


class _Notebook:
    """A connection that passes everything on and writes it down."""

    def __init__(self, conn: asyncpg.Connection) -> None:
        self._conn = conn
        self.statements: list[Statement] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._conn, name)

    async def _note(self, sql: str, arguments: tuple[Any, ...]) -> None:
        prepared = await self._conn.prepare(sql)
        types = tuple(one.name.removeprefix("_") for one in prepared.get_parameters())
        self.statements.append(Statement(sql, arguments, types))

    async def fetch(self, sql: str, *arguments: Any, **limits: Any) -> Any:  # noqa: ANN401
        await self._note(sql, arguments)
        return await self._conn.fetch(sql, *arguments, **limits)

    async def fetchrow(self, sql: str, *arguments: Any, **limits: Any) -> Any:  # noqa: ANN401
        await self._note(sql, arguments)
        return await self._conn.fetchrow(sql, *arguments, **limits)

    async def fetchval(self, sql: str, *arguments: Any, **limits: Any) -> Any:  # noqa: ANN401
        await self._note(sql, arguments)
        return await self._conn.fetchval(sql, *arguments, **limits)

    async def execute(self, sql: str, *arguments: Any, **limits: Any) -> Any:  # noqa: ANN401
        await self._note(sql, arguments)
        return await self._conn.execute(sql, *arguments, **limits)


class _RolledBack(Exception):
    pass


async def record(world: World, baskets: Sequence[Sequence[Product]]) -> list[list[Statement]]:
    """Let the product take in one sale per basket, at the first till, and give the statements of each."""
    till = world.tills[0]
    scope = Scope(world.shop.tenant.id, Actor("token", await _token_id(world), "benchmark"), role="owner")
    found = []
    for basket in baskets:
        sale = read_sale(parse_json(sale_text(till, MARK, list(basket))))
        try:
            async with world.shop.db.begin(scope) as tx:
                notebook = _Notebook(tx.conn.connection)
                tx.conn.connection = notebook  # type: ignore[assignment]
                outcome = await complete_sale(tx, sale)
                assert outcome.status == "created", outcome
                await tx.flush()
                raise _RolledBack
        except _RolledBack:
            found.append(notebook.statements)
    return found


async def _token_id(world: World) -> uuid.UUID:
    async with world.shop.db.platform() as unit:
        assert await token_tenant(unit, world.token) == world.shop.tenant.id
    async with world.shop.db.read(Scope.system(world.shop.tenant.id)) as read:
        found: uuid.UUID = await read.fetchval("SELECT id FROM api_token WHERE tenant_id = $1", read.tenant)
        return found


def literal(value: Any) -> str:  # noqa: ANN401
    """Write a value as Postgres' own text, arrays too."""
    match value:
        case bool():
            return "t" if value else "f"
        case bytes():
            return "\\x" + value.hex()
        case list() | tuple():
            return "{" + ",".join("NULL" if one is None else _quoted(literal(one)) for one in value) + "}"
        case datetime() | date():
            return value.isoformat()
        case int() | str() | Decimal() | uuid.UUID():
            return str(value)
    raise TypeError(type(value))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Script:
    """The transactions of pgbench, and what they are fed with."""

    def __init__(self, world: World, recorded: Sequence[Sequence[Statement]]) -> None:
        self._world = world
        self._known = self._lasting(world)
        shapes = {tuple(one.sql for one in statements) for statements in recorded}
        if len(shapes) != 1:
            raise ValueError("the baskets need different statements: the product's stock or prices are not plain")
        self.statements = recorded[0]
        self.constants: dict[str, str] = {}
        self._arguments: list[str] = []
        self._templates: list[list[str]] = [[] for _ in recorded]
        places: dict[tuple[str, ...], str] = {}
        for at, statement in enumerate(self.statements):
            for place, value in enumerate(statement.arguments):
                if value is None or value == "":  # neither can be a variable of pgbench
                    self._arguments.append("=NULL" if value is None else "=''")
                    continue
                texts = tuple(self._marked(one[at].arguments[place]) for one in recorded)
                if texts not in places:
                    places[texts] = self._place(texts, len(places))
                self._arguments.append(places[texts])
        self.columns = [name for name in places.values() if name.startswith("v")]

    def _place(self, texts: tuple[str, ...], count: int) -> str:
        if len(set(texts)) == 1 and "\x02" not in texts[0]:
            self.constants[f"c{count}"] = texts[0]
            return f"c{count}"
        for template, text in zip(self._templates, texts, strict=True):
            template.append(text)
        return f"v{count}"

    @staticmethod
    def _lasting(world: World) -> set[str]:
        facts = world.shop
        return {str(one) for one in (facts.tenant.id, facts.store, *(product.id for product in world.products))}

    def _marked(self, value: Any) -> str:  # noqa: ANN401
        """Write a value out and put marks where each sale has something of its own."""
        if isinstance(value, list) and value and isinstance(value[0], bytes):
            return "{" + ",".join('"\\\\x\x02hash\x03"' for _ in value) + "}"
        till = self._world.tills[0]
        text = literal(value).replace(str(MARK), "\x02number\x03")
        text = text.replace(str(till.id), "\x02till\x03").replace(str(till.shift), "\x02shift\x03")
        return _UUID.sub(lambda found: found[0] if found[0] in self._known else f"\x02{found[0]}\x03", text)

    def values(self, till: Till, number: int) -> list[str]:
        """Give the values of one sale, one per column."""
        own = {"number": str(number), "till": str(till.id), "shift": str(till.shift), "hash": secrets.token_hex(32)}

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name not in own:
                own[name] = str(new_id())
            return own[name]

        return [_PLACE.sub(fill, text) for text in self._templates[number % len(self._templates)]]

    def text(self, sales: int) -> str:
        """Write the script: one read of the feed, then the transactions of as many sales."""
        names = [f"{column}_{n}" for n in range(sales) for column in self.columns]
        lines = [
            f"SELECT {', '.join(names)} FROM bench.feed WHERE client = :client_id AND n = :n \\gset",
            "\\set n :n + 1",
        ]
        for n in range(sales):
            lines += [
                "\\startpipeline",
                "BEGIN;",
                f"SET LOCAL app.tenant_id = '{self._world.shop.tenant.id}';",
                "\\endpipeline",
            ]
            arguments = iter(self._arguments)
            for statement in self.statements:
                mine = [next(arguments) for _ in statement.arguments]
                lines.append(_with_variables(statement, mine, n).strip().rstrip(";") + ";")
            lines.append("COMMIT;")
        return "\n".join(lines) + "\n"


def _with_variables(statement: Statement, names: Sequence[str], n: int) -> str:
    def variable(found: re.Match[str]) -> str:
        place = int(found[1]) - 1
        name, kind = names[place], statement.types[place]
        if name.startswith("="):
            return f"{name[1:]}::{kind}"
        return f":{name}_{n}::{kind}" if name.startswith("v") else f":{name}::{kind}"

    return re.sub(r"\$(\d+)", variable, statement.sql)


@dataclass(frozen=True)
class Floor:
    """What pgbench measured: sales per second, ms per sale in a script (its p99 is of scripts of one sale only)."""

    per_second: float
    latencies: list[float]
    sales: int
    database_ms: float
    """CPU time of the database per sale."""


class PgBench:
    """pgbench on the stage's server, as the application's role, over the same socket."""

    def __init__(self, on: Stage, script: Script, tills: Sequence[Till]) -> None:
        self._on, self._script, self._tills = on, script, tills
        self.next = [1] * len(tills)

    async def run(self, seconds: float, *, expected: float, sales_per_row: int = SALES_PER_ROW) -> Floor:
        """Run for a time; `expected` sales per second, so that the feed suffices (twice that is laid out)."""
        whole = max(1, round(seconds))  # pgbench knows no others
        rows = int(expected * whole * 2 / len(self._tills) / sales_per_row) + 50
        await self._feed(rows, sales_per_row)
        path = self._on.folder / "sale.pgbench"
        path.write_text(self._script.text(sales_per_row))
        for old in self._on.folder.glob("bench_log.*"):
            old.unlink()
        before = self._on.cpu()["database"]
        answer = await asyncio.to_thread(self._pgbench, path, whole)
        spent = self._on.cpu()["database"] - before
        async with self._on.admin() as conn:
            stored = [
                await conn.fetchval("SELECT coalesce(max(number), 0) FROM sale WHERE till_id = $1", till.id)
                for till in self._tills
            ]
        done = sum(stored) - sum(number - 1 for number in self.next)
        self.next = [number + 1 for number in stored]
        found = re.search(r"tps = ([\d.]+)", answer)
        if found is None or not done:
            raise RuntimeError(answer)
        latencies = [
            int(line.split()[2]) / 1e3 / sales_per_row
            for log in self._on.folder.glob("bench_log.*")
            for line in log.read_text().splitlines()
        ]
        return Floor(float(found[1]) * sales_per_row, latencies, done, spent / done * 1e3)

    def _pgbench(self, path: Path, seconds: int) -> str:
        places = self._on.embedded.postgres.places
        command = [
            str(self._on.embedded.postgres.programs / "pgbench"), "-n", "-M", "prepared", "-c", str(len(self._tills)),
            "-j", "1", "-T", str(seconds), "-f", str(path), "-h", str(places.sockets), "-U", APP,
            "-l", "--log-prefix", str(self._on.folder / "bench_log"), "-D", "n=0",
        ]  # fmt: skip
        for name, value in self._script.constants.items():
            command += ["-D", f"{name}={value}"]
        environment = {**os.environ, "PGPASSWORD": places.secret("app")}
        ran = subprocess.run([*command, DATABASE], env=environment, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise RuntimeError(ran.stderr[-3000:])
        return ran.stdout

    async def _feed(self, rows: int, sales_per_row: int) -> None:
        columns = [f"{column}_{n}" for n in range(sales_per_row) for column in self._script.columns]
        records = [
            (client, row, *self._row(client, row, sales_per_row))
            for client in range(len(self._tills))
            for row in range(rows)
        ]
        async with self._on.admin() as conn:
            await conn.execute(
                f"""CREATE SCHEMA IF NOT EXISTS bench;
                    GRANT USAGE ON SCHEMA bench TO {APP};
                    DROP TABLE IF EXISTS bench.feed;
                    CREATE UNLOGGED TABLE bench.feed (client integer, n integer, {" text, ".join(columns)} text,
                                                      PRIMARY KEY (client, n));
                    GRANT SELECT ON bench.feed TO {APP}"""
            )
            await conn.copy_records_to_table("feed", schema_name="bench", records=records)
            await conn.execute("ANALYZE bench.feed")
            await conn.execute("CHECKPOINT")

    def _row(self, client: int, row: int, sales_per_row: int) -> list[str]:
        first = self.next[client] + row * sales_per_row
        return [value for n in range(sales_per_row) for value in self._script.values(self._tills[client], first + n)]
