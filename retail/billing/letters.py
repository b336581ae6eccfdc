"""Letters about bills: an invoice is there, a step was taken and which one comes next. Owners get them, by mail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

from babel.dates import format_date

from retail.billing.cards import CHARGE_JOB, card_of
from retail.billing.plans import plans
from retail.billing.queries import invoice_of, subscription_of
from retail.identity.entry_mail import owners
from retail.kit.money import format_money
from retail.kit.quantity import locale_of
from retail.kit.text import _, use_language
from retail.runtime.db import Tx
from retail.runtime.jobs import enqueue, hold
from retail.runtime.mail import BadAddress, compose, queue
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import TenantFacts
from retail.tenants.life import dues_of, step_words
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

RENEWAL_JOB: Final = "billing.renewal"
LAST_JOB: Final = "billing.last"
AHEAD: Final = timedelta(days=3)
"""How long before a trial ends, or an invoice falls due, its owners are told."""
RENEWAL_TOLD: Final = timedelta(days=14)
"""How long before a year's plan is renewed its owners are told."""
LAST_TOLD: Final = timedelta(days=7)
"""How long before a business is closed for its bills its owners are told once more."""
_TOLD: Final = frozenset({PAST_DUE, GRACE_DAYS, READ_ONLY, SUSPENDED})


async def tell_step(tx: Tx, step: UUID, base_url: str) -> None:
    """Put a move on the business's trail; one for the worse rings, and is written to its owners. Once per move."""
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
    if standing.next == CLOSED and standing.next_at is not None:
        last = uuid5(NAMESPACE_OID, f"{LAST_JOB} {step}")
        await enqueue(tx, LAST_JOB, {}, standing.next_at - LAST_TOLD, id=last)
    facts = await this_tenant(tx)
    await post_notice(tx, "billing_step", key=str(step), status=row["after"])
    with use_language(facts.locale):
        following = step_words(standing.next) if standing.next else ""
        now = step_words(row["after"])
    await _write(
        tx, facts, "billing_step", base_url, now=now, following=following,
        on=_day(facts, standing.next_at) if standing.next_at else "",
    )  # fmt: skip


async def send_invoice(tx: Tx, id: UUID, base_url: str) -> None:
    """Tell the owners that an invoice is there, what it comes to, and until when it is to be paid. Once.

    Where a card is kept, it is charged now; before a year's plan is renewed, they are told of it.
    """
    await hold(tx)
    invoice, facts = await invoice_of(tx, id), await this_tenant(tx)
    amount = format_money(invoice.total_minor, invoice.money, facts.locale)
    card = await card_of(tx) if invoice.open_minor else None
    if card is not None:
        await enqueue(tx, CHARGE_JOB, {"invoice": id})
    await _write(
        tx, facts, "billing_invoice", base_url, number=invoice.number, amount=amount,
        due=_day(facts, invoice.due_at), card=card.last_four if card else "",
    )  # fmt: skip
    if invoice.cycle == "year":
        ends = datetime.combine(invoice.period_end, time(), ZoneInfo(facts.timezone)) - RENEWAL_TOLD
        job = uuid5(NAMESPACE_OID, f"{RENEWAL_JOB} {id}")
        await enqueue(tx, RENEWAL_JOB, {"invoice": id}, max(ends, tx.now), id=job)


async def tell_ahead(tx: Tx, invoice: UUID | None, base_url: str) -> None:
    """Say what comes next, and when, where it can still be kept from coming: an unpaid invoice, a trial without a plan.

    Once; nothing where it is paid, or a plan chosen, by now.
    """
    await hold(tx)
    held = await tx.fetchval("SELECT status FROM tenant WHERE id = $1", tx.tenant)
    standing = decide(await dues_of(tx, tx.tenant), tx.now, held)
    if standing.next != PAST_DUE or standing.next_at is None:
        return
    if invoice is None and standing.next_at - tx.now > AHEAD + timedelta(days=1):
        return  # the trial was prolonged: what was queued then comes in time
    if invoice is not None and not (await invoice_of(tx, invoice)).open_minor:
        return
    facts = await this_tenant(tx)
    await _write(tx, facts, "billing_ahead", base_url, on=_day(facts, standing.next_at), trial=standing.status == TRIAL)


async def tell_refused(tx: Tx, id: UUID, why: str, again: datetime | None, base_url: str) -> None:
    """Tell the owners that a card was refused, why, when it is tried again, and until when the invoice can be paid."""
    invoice, facts = await invoice_of(tx, id), await this_tenant(tx)
    with use_language(facts.locale):
        reason = refusal_words(why)
    await _write(
        tx, facts, "billing_refused", base_url, number=invoice.number, reason=reason,
        due=_day(facts, invoice.due_at) if invoice.due_at > tx.now else "",
        amount=format_money(invoice.open_minor, invoice.money, facts.locale), again=_day(facts, again) if again else "",
    )  # fmt: skip


async def tell_paid(tx: Tx, id: UUID, base_url: str) -> None:
    """Tell the owners that an invoice was charged to the kept card."""
    invoice, facts = await invoice_of(tx, id), await this_tenant(tx)
    amount = format_money(invoice.total_minor, invoice.money, facts.locale)
    await _write(tx, facts, "billing_paid", base_url, number=invoice.number, amount=amount)


async def tell_renewal(tx: Tx, id: UUID, base_url: str) -> None:
    """Tell the owners two weeks before a year's plan is renewed, for how much. Once; nothing where it has changed."""
    await hold(tx)
    invoice, known, facts = await invoice_of(tx, id), await subscription_of(tx), await this_tenant(tx)
    if known is None or known.period_end != invoice.period_end:
        return
    plan = (await plans(tx))[known.next_plan or known.plan]
    price = plan.price(known.next_cycle or known.cycle)
    await _write(
        tx, facts, "billing_renewal", base_url, plan=plan.name,
        amount=format_money(price, plan.money, facts.locale), on=_date(facts, invoice.period_end),
    )  # fmt: skip


async def tell_last(tx: Tx, base_url: str) -> None:
    """Remind the owners a week before the business is closed. Once; nothing where it has been paid meanwhile."""
    await hold(tx)
    held = await tx.fetchval("SELECT status FROM tenant WHERE id = $1", tx.tenant)
    standing = decide(await dues_of(tx, tx.tenant), tx.now, held)
    if standing.next != CLOSED or standing.next_at is None:
        return
    facts = await this_tenant(tx)
    with use_language(facts.locale):
        now, following = step_words(standing.status), step_words(CLOSED)
    await _write(tx, facts, "billing_step", base_url, now=now, following=following, on=_day(facts, standing.next_at))


def refusal_words(why: str) -> str:
    """Say why a bank refused a card, and what helps."""
    words = {
        "authentication_required": _("The bank wants you to confirm it: pay this invoice once by hand."),
        "expired_card": _("The card has expired: keep another one."),
        "insufficient_funds": _("There is not enough money on it."),
        "incorrect_number": _("The bank doesn't know this card: keep another one."),
    }
    return words.get(why, _("The bank refused the card. Ask it why, or keep another one."))


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
    return _date(facts, moment.astimezone(ZoneInfo(facts.timezone)).date())


def _date(facts: TenantFacts, day: date) -> str:
    return format_date(day, "long", locale=locale_of(facts.locale))
