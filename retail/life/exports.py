"""Exports of a whole business: asked for, made by a job that tells how far it is, and fetched by owner or operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.life.archive import Archive
from retail.runtime.db import Read, Tx
from retail.runtime.jobs import enqueue
from retail.settings import Settings

JOB: Final = "business.export"
KEPT: Final = 3
"""So many exports of a business are kept; older files are deleted."""

_LISTED: Final = """
SELECT e.id, e.asked_at, e.asked_by_name, e.finished_at, e.bytes AS size, e.sha256, e.tables, e.row_count,
       coalesce(j.done, 0) AS done, coalesce(j.total, 0) AS total, j.failed_at IS NOT NULL AS failed
  FROM tenant_export e LEFT JOIN job j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
 WHERE e.tenant_id = $1"""


@dataclass(frozen=True, slots=True)
class Export:
    """One export; `done` of `total` tables while it is made."""

    id: UUID
    asked_at: datetime
    asked_by_name: str
    finished_at: datetime | None
    size: int | None
    sha256: bytes | None
    tables: int | None
    row_count: int | None
    done: int
    total: int
    failed: bool

    @property
    def state(self) -> str:
        """Give finished, failed or running."""
        return "finished" if self.finished_at else "failed" if self.failed else "running"

    @property
    def megabytes(self) -> str:
        """Write the size."""
        return f"{(self.size or 0) / 1_000_000:.1f} MB"


async def ask_for_export(tx: Tx) -> UUID:
    """Have an export made. One that is being made already is answered with itself."""
    running = await tx.fetchval(
        """SELECT e.id FROM tenant_export e JOIN job j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
            WHERE e.tenant_id = $1 AND e.finished_at IS NULL AND j.failed_at IS NULL LIMIT 1""",
        tx.tenant,
    )
    if running is not None:
        return UUID(str(running))
    id = new_id()
    await begin_export(tx, id, await enqueue(tx, JOB, {"export": str(id)}))
    return id


async def begin_export(tx: Tx, id: UUID, job: UUID) -> None:
    """Note that an export is being made by a job; asked twice, it is noted once."""
    tag = await tx.execute(
        """INSERT INTO tenant_export (tenant_id, id, job_id, asked_at, asked_by_name) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING""",
        tx.tenant,
        id,
        job,
        tx.now,
        tx.actor.name,
    )
    if tag == "INSERT 0 1":
        tx.audit("tenant.export_asked", "export", id)


async def finish_export(tx: Tx, id: UUID, made: Archive) -> None:
    """Note what was made."""
    await tx.execute(
        """UPDATE tenant_export SET finished_at = $3, bytes = $4, sha256 = $5, tables = $6, row_count = $7
            WHERE tenant_id = $1 AND id = $2""",
        tx.tenant,
        id,
        tx.now,
        made.size,
        made.sha256,
        made.tables,
        made.rows,
    )
    tx.audit("tenant.exported", "export", id, tables=made.tables, rows=made.rows, sha256=made.sha256.hex())


async def exports(read: Read) -> list[Export]:
    """List the exports, newest first."""
    rows = await read.fetch(f"{_LISTED} ORDER BY e.asked_at DESC, e.id DESC LIMIT 20", read.tenant)
    return [Export(**row) for row in rows]


async def export_of(read: Read, wanted: UUID) -> Export:
    """Give one export. Raises NotFound."""
    row = await read.fetchrow(f"{_LISTED} AND e.id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("export")
    return Export(**row)


def file_of(settings: Settings, tenant: UUID, id: UUID) -> Path:
    """Name the file of an export."""
    return folder_of(settings, tenant) / f"{id}.zip"


def folder_of(settings: Settings, tenant: UUID) -> Path:
    """Name the folder of a business's exports."""
    return settings.data_dir / "exports" / str(tenant)
