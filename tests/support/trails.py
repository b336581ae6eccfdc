"""Reading what a chain of the audit trail gained while something was done."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg

from retail.runtime.audit_record import AuditRecord
from tests.support.database import Clone


@dataclass
class Trail:
    """The records of the database's chains, from a moment on; seen as the owner of the tables sees them."""

    clone: Clone
    known: set[UUID]

    @classmethod
    async def of(cls, clone: Clone) -> Trail:
        """Begin here: what is there already is not told."""
        admin = await asyncpg.connect(clone.admin_url)
        # Only ids: other tests may have bent what is in the records.
        known = {row["id"] for row in await admin.fetch("SELECT id FROM audit_event")}
        await admin.close()
        return cls(clone, known)

    async def news(self) -> list[tuple[UUID, AuditRecord]]:
        """Give what came since the last call, oldest first, each with its chain; as stored, blinded fields in plain."""
        admin = await asyncpg.connect(self.clone.admin_url)
        rows = await admin.fetch("SELECT id, tenant_id, record, ip, actor_name FROM audit_event ORDER BY id")
        await admin.close()
        fresh = [row for row in rows if row["id"] not in self.known]
        self.known |= {row["id"] for row in fresh}
        return [(row["tenant_id"], _told(row)) for row in fresh]

    async def actions(self, chain: UUID) -> list[tuple[str, str, dict[str, Any]]]:
        """Give action, subject and facts of what came to one chain; what came to others is not told again."""
        found = [record for tenant, record in await self.news() if tenant == chain]
        return [(record.action, record.subject_id, json.loads(record.facts)) for record in found]


def _told(row: asyncpg.Record) -> AuditRecord:
    return replace(AuditRecord.decode(row["record"]), ip=row["ip"], actor_name=row["actor_name"])
