"""The jobs of billing: the hourly run, letters, what follows a move, and charges of kept cards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from retail.billing.cards import CHARGE_JOB, FORGET_JOB, card_of, remove_card
from retail.billing.letters import LAST_JOB, RENEWAL_JOB, send_invoice, tell_ahead, tell_last, tell_renewal, tell_step
from retail.billing.receiving import charge_now
from retail.billing.run import run
from retail.billing.stripe import Stripe
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import job
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope
from retail.runtime.web.outgoing import Outgoing
from retail.settings import settings_of_process
from retail.tenants.events import BusinessMoved
from retail.tenants.life import CLOSED, life_of

RUN_JOB: Final = "billing.run"
FOLLOW_JOB: Final = "billing.follow"
SEND_JOB: Final = "billing.send"
REMIND_JOB: Final = "billing.remind"


@job(RUN_JOB, tries=3, lease_seconds=300)
async def run_hourly(db: Database, _scope: Scope) -> None:
    """Invoice and move all businesses that are due."""
    await run(db, settings_of_process().seller)


@job(FOLLOW_JOB, tries=6, lease_seconds=60)
async def follow(db: Database, scope: Scope, *, step: str) -> None:
    """Put a move of the hourly run on the business's own trail, and tell its owners by mail."""
    await db.run(scope, tell_step, UUID(step), settings_of_process().base_url)


@job(REMIND_JOB, tries=6, lease_seconds=60)
async def remind(db: Database, scope: Scope, *, invoice: str = "") -> None:
    """Tell the owners three days before what comes if an invoice stays unpaid, or the trial ends without a plan."""
    wanted = UUID(invoice) if invoice else None
    await db.run(scope, tell_ahead, wanted, settings_of_process().base_url)


@job(SEND_JOB, tries=6, lease_seconds=60)
async def send(db: Database, scope: Scope, *, invoice: str) -> None:
    """Tell the owners by mail that an invoice is there."""
    await db.run(scope, send_invoice, UUID(invoice), settings_of_process().base_url)


@job(RENEWAL_JOB, tries=6, lease_seconds=60)
async def renewal(db: Database, scope: Scope, *, invoice: str) -> None:
    """Tell the owners that a year's plan is renewed in two weeks."""
    await db.run(scope, tell_renewal, UUID(invoice), settings_of_process().base_url)


@job(LAST_JOB, tries=6, lease_seconds=60)
async def last(db: Database, scope: Scope) -> None:
    """Tell the owners that the business is closed in a week."""
    await db.run(scope, tell_last, settings_of_process().base_url)


@job(CHARGE_JOB, tries=20, lease_seconds=60)
async def charge(db: Database, scope: Scope, *, invoice: str) -> None:
    """Charge the kept card with an invoice; tried for most of a day where the provider can't be asked."""
    await charge_now(db, scope, _provider(), UUID(invoice), settings_of_process().base_url)


@job(FORGET_JOB, tries=20, lease_seconds=60)
async def forget_card(_db: Database, _scope: Scope, *, customer: str) -> None:
    """Have the provider forget a card that isn't kept any more."""
    await _provider().forget(customer)


def _provider() -> Stripe:
    own = settings_of_process()
    return Stripe(own.seller, Outgoing.of(own))


async def forget_closed(tx: Tx, events: Sequence[Event]) -> None:
    """Keep no card of a business that is closed: the provider forgets it weeks before its rows are deleted here."""
    if any(isinstance(event, BusinessMoved) and event.after == CLOSED for event in events):
        life = await life_of(tx, tx.tenant)
        if life is not None and life.status == CLOSED and await card_of(tx) is not None:
            await remove_card(tx)


PROJECTIONS: Final[dict[type[Event], Callable[[Tx, Sequence[Event]], Awaitable[None]]]] = {BusinessMoved: forget_closed}
