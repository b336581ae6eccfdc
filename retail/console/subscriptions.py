"""What an operator decides about a business's subscription: its plan, more days of trial. Its owners are told why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from babel.dates import format_date

from retail.billing import operations, previews, trials
from retail.billing.plans import plans
from retail.billing.previews import At, Preview
from retail.billing.queries import Usage, subscription_of, timezone_of, usage
from retail.catalog.products.limits import set_plan
from retail.console.bills import plan_said
from retail.console.businesses import note_on_platform
from retail.identity.entry_mail import owners
from retail.kit.clock import business_day
from retail.kit.ids import new_id
from retail.kit.quantity import locale_of
from retail.kit.text import _, use_language
from retail.runtime.db import Database, Read, Tx
from retail.runtime.mail import BadAddress, compose, queue
from retail.runtime.notices import post_notice
from retail.runtime.tenancy import Scope, TenantFacts
from retail.seller import Seller
from retail.tenants.life import life_of
from retail.tenants.queries import this_tenant

NOTICE: Final = "subscription_set"
_LETTER: Final = "business_subscription"


@dataclass(frozen=True, slots=True)
class Setting:
    """A plan that an operator sets, and why; `version` is the subscription's as it was seen, 0 without one."""

    plan: str
    version: int
    reason: str
    seller: Seller


@dataclass(frozen=True, slots=True)
class Seen:
    """What setting a plan would do; `preview` None: it just holds, and costs nothing."""

    preview: Preview | None
    used: Usage
    version: int


async def seen(read: Read, wanted: str, seller: Seller) -> Seen:
    """Work out what setting a plan would do, by the rules of an owner's change."""
    known, held, used = await plans(read), await subscription_of(read), await usage(read)
    if held is None:
        return Seen(None, used, 0)
    life, zone = await life_of(read, read.tenant), await timezone_of(read)
    ends = life.trial_ends_at if life else None
    trial = business_day(ends, zone) if ends is not None and ends > read.now else None
    at = At(read.now, business_day(read.now, zone), seller, trial)
    return Seen(previews.changed(held, (wanted, held.cycle), known, at), used, held.version)


async def set_plan_of(db: Database, acting: Scope, setting: Setting, base_url: str) -> None:
    """Set a business's plan: a subscription changes as if its owner changed it, without one the plan just holds.

    On both trails; its owners are told at the bell and by mail. Raises SubscriptionChanged.
    """
    await db.run(acting, _set, setting, base_url)
    await note_on_platform(db, acting, "tenant.plan_set", plan=setting.plan, reason=setting.reason)


async def prolong_trial(db: Database, acting: Scope, days: int, reason: str, base_url: str) -> None:
    """Give a business more days of trial; on both trails, and its owners are told. Raises NoTrial."""
    until = await db.run(acting, _prolong, days, reason, base_url)
    await note_on_platform(db, acting, "tenant.trial_prolonged", days=days, until=until, reason=reason)


async def _set(tx: Tx, setting: Setting, base_url: str) -> None:
    known = await subscription_of(tx)
    if known is None:
        await set_plan(tx, setting.plan, setting.reason)
    else:
        await operations.change_plan(tx, setting.version, setting.plan, known.cycle, setting.seller)
        tx.audit(
            "tenant.plan_set", "tenant", tx.tenant, before={"plan": known.plan}, after={"plan": setting.plan},
            reason=setting.reason,
        )  # fmt: skip

    async def happened(facts: TenantFacts) -> str:
        return await plan_said(tx, setting.plan, facts.locale)

    named = (await plans(tx))[setting.plan].name
    await _tell(tx, happened, setting.reason, base_url, plan=named)


async def _prolong(tx: Tx, days: int, reason: str, base_url: str) -> datetime:
    until = await trials.prolong(tx, days, reason)
    day = business_day(until, await timezone_of(tx))

    async def happened(facts: TenantFacts) -> str:
        return _("Your trial now ends on %(day)s.") % {"day": format_date(day, "long", locale=locale_of(facts.locale))}

    await _tell(tx, happened, reason, base_url, until=str(day))
    return until


async def _tell(
    tx: Tx,
    happened: Callable[[TenantFacts], Awaitable[str]],
    reason: str,
    base_url: str,
    *,
    plan: str = "",
    until: str = "",
) -> None:
    """Tell the owners at the bell and by mail; `until` is a day in ISO 8601, of a trial that goes on."""
    facts = await this_tenant(tx)
    await post_notice(tx, NOTICE, key=str(new_id()), reason=reason, plan=plan, until=until)
    with use_language(facts.locale):
        sentence = await happened(facts)
    for email in await owners(tx):
        try:
            letter = compose(
                _LETTER, email, tenant=facts, link=f"{base_url}/t/{facts.slug}/billing", essential=True,
                happened=sentence, reason=reason,
            )  # fmt: skip
        except BadAddress:
            continue
        await queue(tx, letter)
