"""Somebody's data as a zip of JSON and CSV: everything that the register names, made by a job."""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import NotFound
from retail.kit.guard import csv_text
from retail.kit.ids import new_id
from retail.privacy.register import CUSTOMER, OF_CUSTOMER, PLACES, REMOVED, TALK, Place
from retail.privacy.secrets import FOLDED, SECRETS
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import enqueue, hold, job, progress
from retail.runtime.tenancy import Scope

JOB: Final = "privacy.export"
MOST_ROWS: Final = 100_000
"""Per table; a cashier's sales of many years are in the business's own exports."""
_LEFT_OUT: Final = SECRETS | FOLDED | {"audit_event.blind", "audit_event.record", "sale.body_hash"}
"""Secrets, and the bytes that prove what the other columns say."""
_OWN_FILES: Final = (
    "EXISTS (SELECT FROM thread_message m WHERE m.tenant_id = t.tenant_id AND m.id = t.message_id AND m.author_id = $2)"
)
Told = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class DataExport:
    """One export of somebody's data, and how far it is."""

    id: UUID
    subject: str
    asked_at: datetime
    finished_at: datetime | None
    row_count: int | None
    done: int
    total: int
    failed: bool


async def ask_for_data(tx: Tx, kind: str, subject: str) -> UUID:
    """Have an export made; in the platform's scope it is a person's own, of all their businesses."""
    id = new_id()
    work = await enqueue(tx, JOB, {"export": str(id)})
    await tx.execute(
        """INSERT INTO data_export (tenant_id, id, subject_kind, subject, asked_by, asked_at, job_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        tx.tenant,
        id,
        kind,
        subject,
        tx.actor.id if tx.actor.kind == "person" else None,
        tx.now,
        work,
    )
    person = UUID(subject) if kind == "person" else None
    tx.audit("person.data_asked" if person else "customer.data_asked", kind, person, export=id)
    return id


async def data_exports(read: Read, kind: str, subject: str | None = None) -> list[DataExport]:
    """List the exports that are still kept, newest first."""
    rows = await read.fetch(
        """SELECT e.id, e.subject, e.asked_at, e.finished_at, e.row_count, coalesce(j.done, 0) AS done,
                  coalesce(j.total, 0) AS total, j.failed_at IS NOT NULL AS failed
             FROM data_export e LEFT JOIN job j ON j.tenant_id = e.tenant_id AND j.id = e.job_id
            WHERE e.tenant_id = $1 AND e.subject_kind = $2 AND ($3::text IS NULL OR e.subject = $3)
            ORDER BY e.asked_at DESC, e.id DESC LIMIT 20""",
        read.tenant,
        kind,
        subject,
    )
    return [DataExport(**row) for row in rows]


async def archive_of(tx: Tx, wanted: UUID, subject: str | None = None) -> bytes:
    """Give a finished export's zip, and note that it was fetched. Raises NotFound, also for another person's."""
    row = await tx.fetchrow(
        """SELECT archive, subject_kind, subject FROM data_export
            WHERE tenant_id = $1 AND id = $2 AND archive IS NOT NULL AND ($3::text IS NULL OR subject = $3)""",
        tx.tenant,
        wanted,
        subject,
    )
    if row is None:
        raise NotFound("export")
    person = UUID(row["subject"]) if row["subject_kind"] == "person" else None
    tx.audit("person.data_fetched" if person else "customer.data_fetched", row["subject_kind"], person, export=wanted)
    archive: bytes = row["archive"]
    return archive


@job(JOB, lease_seconds=120)
async def make_export(db: Database, scope: Scope, *, export: str) -> None:
    """Gather what the register names and keep it as a zip for a week."""
    async with db.read(scope) as read:
        row = await read.fetchrow(
            "SELECT subject_kind, subject FROM data_export WHERE tenant_id = $1 AND id = $2", read.tenant, UUID(export)
        )
    if row is None:  # erased meanwhile
        return
    if row["subject_kind"] == "customer":
        async with db.read(scope, seconds=120) as read:
            told = await of_customer(read, row["subject"])
    else:
        told = await _of_person(db, scope, UUID(row["subject"]))
    await db.run(scope, _keep, UUID(export), zipped(told), sum(map(len, told.values())))
    await progress(1, 1)


async def _of_person(db: Database, scope: Scope, person: UUID) -> Told:
    told: Told = {}
    tenants = [scope.tenant]
    if scope.tenant == PLATFORM:
        async with db.platform() as unit:
            for row in await unit.fetch("SELECT relation, told FROM auth_person_data($1)", person):
                told.setdefault(row["relation"], []).append(_open(row["relation"], json.loads(row["told"])))
            tenants += [row["tenant_id"] for row in await unit.fetch("SELECT * FROM auth_memberships($1)", person)]
    for done, tenant in enumerate(tenants):
        async with db.read(Scope.system(tenant), seconds=120) as read:
            for table, rows in (await of_member(read, person)).items():
                told.setdefault(table, []).extend(rows)
        await progress(done + 1, len(tenants) + 1)
    return told


async def of_member(read: Read, person: UUID) -> Told:
    """Gather what one business keeps of a person, by table."""
    row = await read.fetchrow(
        "SELECT id, name, email FROM membership WHERE tenant_id = $1 AND person_id = $2", read.tenant, person
    )
    names = [row["name"]] if row else []
    addresses = [row["email"]] if row else []
    clauses: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for place in PLACES:
        if place.table not in TALK or place.how == "by_id":  # what others say of them in private is the others' own
            clauses[place.table][_clause(place)] = None
    clauses["thread_file"][_OWN_FILES] = None
    for table, column in REMOVED.items():
        clauses[table][f"t.{column} = $2"] = None
    clauses["membership"]["t.person_id = $2"] = None
    clauses["audit_event"]["t.actor_id = $2"] = None
    clauses["consent"]["t.subject_kind = 'person' AND t.subject = ($2::uuid)::text"] = None
    told: Told = {}
    for table, several in clauses.items():
        found = await _rows(read, table, " OR ".join(several), (person, names, addresses))
        if found:
            told[table] = found
    return told


async def of_customer(read: Read, reference: str) -> Told:
    """Gather what one business keeps of a customer, by table."""
    told: Told = {}
    for table, sql in CUSTOMER:
        # nosemgrep: sql-built-from-values - of the register, which is code
        rows = await read.fetch(
            f"SELECT to_jsonb(t) AS told FROM ({sql.format(who=OF_CUSTOMER)}) t LIMIT {MOST_ROWS}",  # noqa: S608
            read.tenant,
            reference,
        )
        if rows:
            told[table] = [_open(table, json.loads(row["told"])) for row in rows]
    return told


def zipped(told: Told) -> bytes:
    """Write a zip with one JSON and one CSV per table."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, rows in sorted(told.items()):
            archive.writestr(f"json/{table}.json", json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
            archive.writestr(f"csv/{table}.csv", _csv(rows))
        counts = {table: len(rows) for table, rows in sorted(told.items())}
        contents = {"format": "countertop-person-1", "rows": counts}
        archive.writestr("contents.json", json.dumps(contents, indent=1) + "\n")
    return written.getvalue()


def _clause(place: Place) -> str:
    if place.how in {"by_id", "null"}:
        return f"t.{place.finder} = $2"
    if place.how == "named":
        return f"t.{place.column} = ANY ($3::text[])"
    if place.how == "mailed":
        return f"t.{place.column} = ANY ($4::text[])"
    words = "$4::text[]" if place.how == "mailed_json" else "$3::text[] || $4::text[]"
    word = "to_json(n.word)::text" if place.how in {"json", "mailed_json"} else "n.word"
    return (
        f"EXISTS (SELECT FROM unnest({words}) AS n (word)"
        f" WHERE length(n.word) > 4 AND position({word} in t.{place.column}::text) > 0)"
    )


async def _rows(read: Read, table: str, where: str, args: Sequence[object]) -> list[dict[str, Any]]:
    used = [place for place in (2, 3, 4) if f"${place}" in where]
    for new, old in enumerate(used, start=2):
        where = where.replace(f"${old}", f"${new}")
    # nosemgrep: sql-built-from-values - of the register, which is code
    rows = await read.fetch(
        f"SELECT to_jsonb(t) AS told FROM {table} t WHERE t.tenant_id = $1 AND ({where}) LIMIT {MOST_ROWS}",  # noqa: S608
        read.tenant,
        *(args[place - 2] for place in used),
    )
    return [_open(table, json.loads(row["told"])) for row in rows]


def _open(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if f"{table}.{name}" not in _LEFT_OUT}


def _csv(rows: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return csv_text([names, *([_plain(row.get(name)) for name in names] for row in rows)])


def _plain(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _keep(tx: Tx, export: UUID, archive: bytes, rows: int) -> None:
    await hold(tx)
    await tx.execute(
        "UPDATE data_export SET archive = $3, finished_at = $4, row_count = $5 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        export,
        archive,
        tx.now,
        rows,
    )
    tx.audit("data.gathered", "export", export, rows=rows)
