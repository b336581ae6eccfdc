"""Founding a business: books, taxes, the first store and till, and its owner, all in one transaction."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from retail.billing.jobs import REMIND_JOB
from retail.catalog import operations as catalog
from retail.identity.operations import NewMember, add_member
from retail.kit.ids import new_id
from retail.kit.money import currency
from retail.ledger import open_books
from retail.runtime.db import Tx, Unit
from retail.runtime.jobs import enqueue
from retail.runtime.switches import TRIAL_DAYS, number_in
from retail.runtime.tenancy import TenantFacts
from retail.tenants import operations as tenants
from retail.tenants.countries import Tax, usual_in
from retail.tenants.rules import slug_is_valid

REMINDED: Final = timedelta(days=3)
"""How long before its trial's end a business without a plan is reminded."""
_LONGEST_SLUG: Final = 40
_TRIES: Final = 50
_WRITTEN: Final = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l"}
_KEPT: Final = """admin api app assets billing blog cdn dashboard demo dev docs export ftp help imap mail mx new ns ns1
ns2 pop platform root security sign-in sign-up smtp static status support test webmail www"""
RESERVED: Final = frozenset(_KEPT.split())
"""Addresses that no business gets: under a domain they would look like ours, or they are the operator's own pages."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a business is founded with; `taxes` are its first tax classes."""

    slug: str
    name: str
    country: str
    currency: str
    timezone: str
    prices_include_tax: bool
    taxes: tuple[Tax, ...]

    def facts(self, id: UUID) -> TenantFacts:
        """Give the facts of the business to be."""
        usual = usual_in(self.country)
        coin = usual.cash_unit_minor if usual.currency == self.currency else currency(self.currency).cash_unit
        return TenantFacts(
            id, self.slug, self.name, self.country, self.currency, usual.locale, self.timezone,
            self.prices_include_tax, coin,
        )  # fmt: skip


async def found(tx: Tx, plan: Plan, *, on_trial: bool = True) -> TenantFacts:
    """Found a business in its own transaction (`tx.tenant` is its id to be), without people. Raises SlugTaken."""
    facts = plan.facts(tx.tenant)
    lasts = timedelta(days=await number_in(tx, TRIAL_DAYS))
    await tenants.open_tenant(tx, facts, trial_ends_at=tx.now + lasts if on_trial else None)
    if on_trial:
        await enqueue(tx, REMIND_JOB, run_after=tx.now + max(lasts - REMINDED, timedelta(0)))
    await open_books(tx)
    for tax in plan.taxes:
        await catalog.add_tax_class(tx, new_id(), tax.code, tax.name, tax.rate_micros)
    store = tenants.NewStore(new_id(), "S1", plan.name[:80], plan.timezone)
    await tenants.open_store(tx, store)
    await tenants.set_up_till(tx, tenants.NewTill(new_id(), store.id, "T1", "1"))
    return facts


async def found_with_owner(tx: Tx, plan: Plan, owner: NewMember) -> TenantFacts:
    """Found a business on trial, and make somebody its owner. Raises SlugTaken."""
    facts = await found(tx, plan)
    await add_member(tx, owner)
    return facts


def slug_from(name: str) -> str:
    """Make an address out of a name: Bäckerei Müller & Söhne is baeckerei-mueller-soehne."""
    plain = "".join(_WRITTEN.get(letter, letter) for letter in name.lower())
    letters = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST_SLUG].strip("-")
    return slug if slug_is_valid(slug) else f"shop-{slug}".strip("-")[:_LONGEST_SLUG]


def slug_is_free_to_take(slug: str) -> bool:
    """Claim that a business may have this address, as far as its form goes."""
    return slug_is_valid(slug) and slug not in RESERVED and not slug.startswith("xn--")


async def free_slug(unit: Unit, name: str) -> str:
    """Propose an address that nobody has: acme, else acme-2, acme-3 and so on."""
    first = slug_from(name)
    for number in range(1, _TRIES):
        tail = f"-{number}" if number > 1 else ""
        slug = first[: _LONGEST_SLUG - len(tail)].rstrip("-") + tail
        if slug_is_free_to_take(slug) and not await unit.fetchval("SELECT auth_slug_taken($1)", slug):
            return slug
    return f"{first[:27].rstrip('-')}-{new_id().hex[-12:]}"
