"""How long what is kept, and the nightly job that removes what is older; what it removed is told on its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database, Read, Tx
from retail.runtime.jobs import hold, job
from retail.runtime.mail.postman import KEPT
from retail.runtime.switches import MAIL_DAYS, number_in
from retail.runtime.tenancy import Scope

JOB: Final = "privacy.retention"
BATCH: Final = 5_000
SIGN_INS: Final = timedelta(days=365)
MAIL: Final = KEPT
"""At most; an operator may have it kept for less (switches.py)."""
EXPORTS: Final = timedelta(days=7)
"""So long the file of a list may be asked for: one that isn't made by then is given up."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table are removed so long after the moment in a column."""

    name: str
    table: str
    column: str
    kept: timedelta


RULES: Final[tuple[Rule, ...]] = (
    Rule("answers", "idempotency_key", "created_at", timedelta(days=30)),
    Rule("notifications", "notification", "created_at", timedelta(days=365)),
    Rule("notices", "notice", "created_at", timedelta(days=365)),
    Rule("invitations", "invitation", "expires_at", timedelta(days=90)),
    Rule("tokens", "api_token", "expires_at", timedelta(days=90)),
    Rule("device_sessions", "device_session", "expires_at", timedelta(days=30)),
    Rule("exports", "data_export", "asked_at", timedelta(days=7)),
    Rule("consents", "consent", "at", timedelta(days=365 * 10)),
    Rule("runs", "retention_run", "at", timedelta(days=365)),
)
"""Of each business. Sign-ins and mail belong to accounts; live messages and done jobs go with the nightly broom."""


def rule_words() -> dict[str, tuple[str, str]]:
    """Say what each rule removes, and after how long."""
    after = {rule.name: _after(rule.kept.days) for rule in RULES}
    told = {
        "answers": _("Answers kept for programs that ask twice"),
        "notifications": _("What each person was told of"),
        "notices": _("Notices at the bell"),
        "invitations": _("Invitations that have ended"),
        "tokens": _("Tokens of programs that have ended"),
        "device_sessions": _("Sign-ins of devices that have ended"),
        "exports": _("Exports of somebody's data"),
        "consents": _("What people agreed to"),
        "runs": _("This very list"),
    }
    return {name: (words, after[name]) for name, words in told.items()}


def _after(days: int) -> str:
    """Write so many days as people say them: ten years, but a year in days."""
    if days > 365 and days % 365 == 0:
        return _("%(num)d years") % {"num": days // 365}
    return _("%(num)d days") % {"num": days}


@dataclass(frozen=True, slots=True)
class Removed:
    """What a rule removed one night."""

    rule: str
    removed: int
    at: datetime


@job(JOB, tries=3, lease_seconds=300)
async def retain(db: Database, scope: Scope) -> None:
    """Remove what is older than its rule says, of this business and of accounts; safe to run twice."""
    removed: dict[str, int] = {}
    for rule in RULES:
        while gone := await db.run(scope, _apply, rule):
            removed[rule.name] = removed.get(rule.name, 0) + gone
    if removed:
        await db.run(scope, _note, removed)
    await db.run(scope, _give_up_exports)
    await forget_old_accounts(db)


async def forget_old_accounts(db: Database) -> dict[str, int]:
    """Remove old sign-ins, sessions and letters of all accounts; what went is on the platform's own trail."""
    async with db.platform() as unit:
        rows = await unit.fetch(
            "SELECT rule, gone FROM auth_forget_old_accounts($1, $2, $3)",
            unit.now - SIGN_INS,
            unit.now - min(MAIL, timedelta(days=await number_in(unit, MAIL_DAYS))),
            unit.now,
        )
    removed = {row["rule"]: row["gone"] for row in rows if row["gone"]}
    if removed:
        async with db.begin(Scope.system(PLATFORM)) as tx:
            tx.audit("retention.applied", "platform", None, removed=removed)
    return removed


async def _apply(tx: Tx, rule: Rule) -> int:
    await hold(tx)
    before = tx.now - rule.kept
    return int(await tx.fetchval("SELECT auth_forget_old($1, $2, $3, $4)", rule.table, rule.column, before, BATCH))


async def _give_up_exports(tx: Tx) -> None:
    """Cancel exports that never came to an end, and forget what they were narrowed to: names may have been typed."""
    await hold(tx)
    rows = await tx.fetch(
        """UPDATE export_run SET cancelled_at = $2, asked = '{}'
            WHERE tenant_id = $1 AND asked_at < $3 AND ended_at IS NULL AND cancelled_at IS NULL RETURNING id""",
        tx.tenant,
        tx.now,
        tx.now - EXPORTS,
    )
    for row in rows:
        tx.audit("export.cancelled", "export", row["id"])


async def _note(tx: Tx, removed: dict[str, int]) -> None:
    await tx.executemany(
        "INSERT INTO retention_run (tenant_id, id, at, rule, removed) VALUES ($1, $2, $3, $4, $5)",
        [(tx.tenant, new_id(), tx.now, rule, count) for rule, count in removed.items()],
    )
    tx.audit("retention.applied", "tenant", tx.tenant, removed=removed)


async def removals(read: Read) -> list[Removed]:
    """List what was removed, the latest night first."""
    rows = await read.fetch(
        "SELECT rule, removed, at FROM retention_run WHERE tenant_id = $1 ORDER BY at DESC, rule LIMIT 200", read.tenant
    )
    return [Removed(**row) for row in rows]
