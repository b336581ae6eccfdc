"""Keeping reports: under a name, for oneself or for the business; and having their files made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.datastructures import QueryParams

from retail.audit import EXPORT
from retail.automation.exports.operations import ask_for_list
from retail.automation.reports.asking import Seeing, in_form, pairs_of
from retail.automation.reports.bases import base_of
from retail.automation.reports.files import AS_OF, PREFIX, TITLE
from retail.automation.reports.making import Out
from retail.automation.reports.queries import ReportFacts, report
from retail.identity.permissions import MANAGE_SETTINGS, VIEW_COSTS
from retail.kit.errors import Forbidden, Invalid
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked

MOST: Final = 200
MOST_NAME: Final = 80
SHARE: Final = MANAGE_SETTINGS
"""The right to put a report before everybody."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as somebody wants to keep it."""

    name: str
    base: str
    query: str
    shared: bool


async def keep_report(tx: Tx, id: UUID, draft: Draft) -> None:
    """Keep a report; the same id again changes nothing. Raises NotFound, Forbidden, Invalid."""
    _require(tx, draft)
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 103))", f"{tx.tenant}{tx.actor.id}")
    own = await tx.fetchval(
        "SELECT count(*) FROM report WHERE tenant_id = $1 AND person_id = $2", tx.tenant, tx.actor.id
    )
    if own >= MOST:
        raise Invalid({"name": [_("You keep %(most)d reports. Change one of them instead.") % {"most": MOST}]})
    made = await tx.fetchval(
        """INSERT INTO report (tenant_id, id, base, person_id, name, query, shared, created_at, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id""",
        tx.tenant, id, draft.base, tx.actor.id, draft.name, in_form(pairs_of(draft.query)), draft.shared, tx.now,
    )  # fmt: skip
    if made is not None:
        after = {"name": draft.name, "query": in_form(pairs_of(draft.query)), "shared": draft.shared}
        tx.audit("report.kept", "report", id, after=after)


async def change_report(tx: Tx, id: UUID, draft: Draft) -> None:
    """Change a report of one's own, or, with the right to share, a shared one. Raises NotFound, Forbidden, Invalid."""
    before = await _own(tx, id)
    _require(tx, draft)
    query = in_form(pairs_of(draft.query))
    await tx.execute(
        "UPDATE report SET name = $3, query = $4, shared = $5, updated_at = $6 WHERE tenant_id = $1 AND id = $2",
        tx.tenant, id, draft.name, query, draft.shared, tx.now,
    )  # fmt: skip
    told = changed(
        {"name": before.name, "query": before.query, "shared": before.shared},
        {"name": draft.name, "query": query, "shared": draft.shared},
    )
    if told:
        tx.audit("report.changed", "report", id, **told)


async def archive_report(tx: Tx, id: UUID) -> None:
    """Put a report aside; its schedules end. Raises NotFound, Forbidden."""
    found = await _own(tx, id)
    if found.archived_at is not None:
        return
    await tx.execute("UPDATE report SET archived_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, tx.now)
    await tx.execute(
        """UPDATE report_schedule SET ended_at = $3, next_at = NULL, version = version + 1
            WHERE tenant_id = $1 AND report_id = $2 AND ended_at IS NULL""",
        tx.tenant, id, tx.now,
    )  # fmt: skip
    tx.audit("report.archived", "report", id, name=found.name)


async def restore_report(tx: Tx, id: UUID) -> None:
    """Take an archived report up again; its schedules stay ended. Raises NotFound, Forbidden."""
    found = await _own(tx, id)
    if found.archived_at is None:
        return
    await tx.execute("UPDATE report SET archived_at = NULL WHERE tenant_id = $1 AND id = $2", tx.tenant, id)
    tx.audit("report.restored", "report", id, name=found.name)


async def ask_for_report(
    tx: Tx, base: str, form: Out, query: str, *, title: str = "", as_of: datetime | None = None
) -> UUID:
    """Have a report made into a file, with what the asker may see. Raises NotFound, Forbidden, Invalid."""
    seeing, of = seeing_scope(tx.scope, base_of(base).rights), base_of(base)
    await of.check(tx, Asked("", QueryParams(pairs_of(query))), Seeing(seeing.holds(VIEW_COSTS)))
    kept = [*pairs_of(query), *own_pairs(title, as_of)]
    return await ask_for_list(tx, f"{PREFIX}{base}", form, kept, costs=seeing.holds(VIEW_COSTS), stores=seeing.stores)


def own_pairs(title: str, as_of: datetime | None) -> list[tuple[str, str]]:
    """Say what a run knows beside its report's address."""
    return [*([(TITLE, title)] if title else []), *([(AS_OF, as_of.isoformat())] if as_of else [])]


def seeing_scope(acting: Scope, rights: Sequence[str]) -> Scope:
    """Narrow a scope to the stores whose figures may be seen and taken out. Raises Forbidden."""
    for permission in (*rights, EXPORT):
        acting.require(permission)
        reach, seen = acting.reach(permission), acting.stores
        if reach is not None:
            acting = replace(acting, stores=reach if seen is None else seen & reach)
    return acting


def may_change(scope: Scope, found: ReportFacts) -> bool:
    """Claim that a report may be changed: it is one's own, or shared by somebody else and one may share."""
    return found.person_id == scope.actor.id or (found.shared and scope.may(SHARE))


async def _own(tx: Tx, id: UUID) -> ReportFacts:
    await tx.fetchval("SELECT id FROM report WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", tx.tenant, id)
    found = await report(tx, id)
    if not may_change(tx.scope, found):
        raise Forbidden(SHARE)
    return found


def _require(tx: Tx, draft: Draft) -> None:
    for permission in base_of(draft.base).rights:
        tx.scope.require(permission)
    if draft.shared:
        tx.scope.require(SHARE)
