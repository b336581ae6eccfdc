"""Letters about bills: an invoice is there, a step was taken and which one comes next. Owners get them, by mail."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date

from retail.billing.queries import invoice_of
from retail.identity.entry_mail import owners
from retail.kit.money import format_money
from retail.kit.text import _, use_language
from retail.runtime.db import Tx
from retail.runtime.jobs import hold
from retail.runtime.mail import BadAddress, compose, queue
from retail.runtime.tenancy import TenantFacts
from retail.tenants.life import dues_of
from retail.tenants.queries import this_tenant
from retail.tenants.standing import (
    ACTIVE,
    CLOSED,
    GRACE_DAYS,
    PAST_DUE,
    READ_ONLY,
    SUSPENDED,
    TRIAL,
    decide,
)

_TOLD: Final = frozenset({PAST_DUE, GRACE_DAYS, READ_ONLY, SUSPENDED})


def step_words(status: str) -> str:
    """Say what a standing means for the people of a business."""
    return {
        TRIAL: _("Everything can be tried out."),
        ACTIVE: _("Everything works."),
        PAST_DUE: _("A bill is unpaid. Everything still works."),
        GRACE_DAYS: _("The back office can be read, but not changed. Tills sell as always."),
        READ_ONLY: _("No new shift can be opened. Shifts that are open go on to their end."),
        SUSPENDED: _("Everything can be read and exported, nothing can be changed. Open shifts can be closed."),
        CLOSED: _("Everything is exported, then the business is closed."),
    }[status]


async def tell_step(tx: Tx, step: UUID, base_url: str) -> None:
    """Put a move on the business's trail, and write to its owners where it is one for the worse. Once per move."""
    await hold(tx)
    row = await tx.fetchrow(
        "SELECT before, after, owed_since FROM billing_step WHERE tenant_id = $1 AND id = $2", tx.tenant, step
    )
    if row is None:
        return
    tx.audit(f"tenant.{row['after']}", "tenant", tx.tenant, before=row["before"], after=row["after"], step=step)
    standing = decide(await dues_of(tx, tx.tenant), tx.now)
    if row["after"] not in _TOLD or standing.status in {TRIAL, ACTIVE}:
        return
    facts = await this_tenant(tx)
    with use_language(facts.locale):
        following = step_words(standing.next) if standing.next else ""
        now = step_words(row["after"])
    await _write(
        tx, facts, "billing_step", base_url, now=now, following=following,
        on=_day(facts, standing.next_at) if standing.next_at else "",
    )  # fmt: skip


async def send_invoice(tx: Tx, id: UUID, base_url: str) -> None:
    """Tell the owners that an invoice is there, what it comes to, and until when it is to be paid. Once."""
    await hold(tx)
    invoice, facts = await invoice_of(tx, id), await this_tenant(tx)
    amount = format_money(invoice.total_minor, invoice.money, facts.locale)
    await _write(
        tx, facts, "billing_invoice", base_url, number=invoice.number, amount=amount, due=_day(facts, invoice.due_at)
    )


async def tell_ahead(tx: Tx, invoice: UUID | None, base_url: str) -> None:
    """Say what comes next, and when, where it can still be kept from coming: an unpaid invoice, a trial without a plan.

    Once; nothing where it is paid, or a plan chosen, by now.
    """
    await hold(tx)
    held = await tx.fetchval("SELECT status FROM tenant WHERE id = $1", tx.tenant)
    standing = decide(await dues_of(tx, tx.tenant), tx.now, held)
    if standing.next != PAST_DUE or standing.next_at is None:
        return
    if invoice is not None and not (await invoice_of(tx, invoice)).open_minor:
        return
    facts = await this_tenant(tx)
    await _write(tx, facts, "billing_ahead", base_url, on=_day(facts, standing.next_at), trial=standing.status == TRIAL)


async def _write(tx: Tx, facts: TenantFacts, kind: str, base_url: str, **told: object) -> None:
    for email in await owners(tx):
        try:
            letter = compose(
                kind, email, tenant=facts, link=f"{base_url}/t/{facts.slug}/billing", essential=True, **told
            )
        except BadAddress:
            continue
        await queue(tx, letter)


def _day(facts: TenantFacts, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(facts.timezone)).date()
    return format_date(local, "long", locale=facts.locale.replace("-", "_"))
