"""Everything that belongs to a business in one zip: tables as CSV and JSON, pictures, the audit chain with its keys.

manifest.json names every file with its rows and its SHA-256; the SHA-256 of the zip itself is kept in the database. All
tables are read in one transaction, at one moment. What would let somebody in (hashes of tokens, sealed secrets, PINs)
is left out: it is no data of the business, and worth nothing elsewhere.
"""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import json
import os
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from retail.audit.anchors import Outside
from retail.audit.exports import export_chain, public_keys
from retail.kit.guard import csv_text
from retail.privacy.secrets import FOLDED, SECRETS
from retail.runtime.audit_record import moment
from retail.runtime.db import Database, Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import Shelf

FORMAT: Final = "countertop-business-1"
LEFT_OUT: Final = SECRETS | FOLDED

_BATCH: Final = 1_000
_PATIENCE: Final = 600
_TABLES: Final = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) AS names,
       array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND c.relrowsecurity AND has_table_privilege(c.oid, 'SELECT')
   AND (c.relname = 'tenant'
        OR EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id'))
 GROUP BY c.relname ORDER BY c.relname
"""
Tell = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that was made."""

    path: Path
    size: int
    sha256: bytes
    tables: int
    rows: int


@dataclass(slots=True)
class _Zip:
    """The zip while it is written; knows what goes into its manifest."""

    zip: zipfile.ZipFile
    files: list[dict[str, object]] = field(default_factory=list)

    def put(self, name: str, content: IO[bytes], rows: int) -> None:
        """Put a file in, and note its rows and hash."""
        content.seek(0)
        digest = hashlib.sha256()
        size = 0
        with self.zip.open(name, "w", force_zip64=True) as target:
            while piece := content.read(1 << 20):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.files.append({"name": name, "rows": rows, "bytes": size, "sha256": digest.hexdigest()})


@dataclass(frozen=True, slots=True)
class Beside:
    """What a business has outside of the database: its pictures, and the keys of the audit chain, if there are any."""

    pictures: Shelf
    outside: Outside | None


async def make_archive(db: Database, scope: Scope, path: Path, beside: Beside, tell: Tell) -> Archive:
    """Write a business's archive to `path`; it is there whole, or not at all. `tell` hears of done and all tables."""
    own = contextvars.copy_context()  # before the transaction: who is told opens one of their own

    async def told(done: int, total: int) -> None:
        await asyncio.create_task(_coroutine(tell, done, total), context=own)

    await asyncio.to_thread(path.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped:
            async with db.read(scope, seconds=_PATIENCE) as read:
                tables, rows = await _fill(read, _Zip(zipped), beside, told)
        size, sha256 = await asyncio.to_thread(_seal, part)
        await asyncio.to_thread(part.replace, path)
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)
    return Archive(path, size, sha256, tables, rows)


async def _coroutine(tell: Tell, done: int, total: int) -> None:
    await tell(done, total)


async def _fill(read: Read, made: _Zip, beside: Beside, tell: Tell) -> tuple[int, int]:
    await read.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    await read.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
    tables = await read.fetch(_TABLES)
    rows = 0
    for done, table in enumerate(tables):
        await tell(done, len(tables) + 1)
        rows += await _table(read, made, table["relname"], list(zip(table["names"], table["types"], strict=True)))
    await tell(len(tables), len(tables) + 1)
    await _chain(read, made, beside.outside)
    await asyncio.to_thread(_pictures, made, beside.pictures)
    manifest = {
        "format": FORMAT,
        "business": str(read.tenant),
        "at": moment(read.now),
        "tables": len(tables),
        "rows": rows,
        "left_out": sorted(LEFT_OUT),
        "files": made.files,
    }
    made.zip.writestr("manifest.json", json.dumps(manifest, indent=1) + "\n")
    await tell(len(tables) + 1, len(tables) + 1)
    return len(tables), rows


async def _table(read: Read, made: _Zip, name: str, columns: list[tuple[str, str]]) -> int:
    """Write one table twice in one walk; gives its number of rows. Names come from the catalogue."""
    kept = [(column, kind) for column, kind in columns if f"{name}.{column}" not in LEFT_OUT]
    listed = ", ".join(f'"{column}"' for column, _kind in kept)
    texts = ", ".join(f"encode(\"{c}\", 'hex')" if kind == "bytea" else f'"{c}"::text' for c, kind in kept)
    key = "id" if name == "tenant" else "tenant_id"
    sql = (
        f"SELECT ARRAY[{texts}] AS cells, (SELECT row_to_json(j) FROM (SELECT {listed}) j)::text AS told"  # noqa: S608
        f' FROM "{name}" WHERE {key} = $1'
    )
    count = 0
    with _spool() as table, _spool() as lines:
        table.write(csv_text([[column for column, _kind in kept]]).encode())
        async for batch in _batches(read, sql):
            count += len(batch)
            await asyncio.to_thread(_write_rows, table, lines, batch)
        await asyncio.to_thread(made.put, f"csv/{name}.csv", table, count)
        await asyncio.to_thread(made.put, f"json/{name}.jsonl", lines, count)
    return count


async def _batches(read: Read, sql: str) -> AsyncIterator[list[Any]]:
    cursor = await read.conn.cursor(sql, read.tenant, timeout=_PATIENCE)
    while rows := await cursor.fetch(_BATCH, timeout=_PATIENCE):
        yield rows


async def _chain(read: Read, made: _Zip, outside: Outside | None) -> None:
    """Write the audit chain as the verifier reads it, and what verifies it."""
    count = 0
    with _spool() as lines:
        async for line in export_chain(read):
            lines.write(line.encode())
            count += 1
        await asyncio.to_thread(made.put, "audit/chain.jsonl", lines, count)
    if outside is not None:
        with _spool() as keys:
            keys.write(public_keys(outside.keyring).encode())
            made.put("audit/keys.json", keys, len(outside.keyring.public_keys("audit")))


def _pictures(made: _Zip, shelf: Shelf) -> None:
    with shelf.still() as files:
        for file in files:
            with file.open("rb") as content:
                made.put(f"files/{file.name}", content, 0)


def _spool() -> IO[bytes]:
    return SpooledTemporaryFile(4 << 20)


def _write_rows(table: IO[bytes], lines: IO[bytes], rows: Iterable[Any]) -> None:
    found = list(rows)
    table.write(csv_text(row["cells"] for row in found).encode())
    lines.write("".join(f"{row['told']}\n" for row in found).encode())


def _seal(path: Path) -> tuple[int, bytes]:
    """Bring a file to the disk; gives its size and hash."""
    digest = hashlib.sha256()
    with path.open("rb") as written:
        while piece := written.read(1 << 20):
            digest.update(piece)
        os.fsync(written.fileno())
    return path.stat().st_size, digest.digest()
