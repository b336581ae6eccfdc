"""The business that past trade is taken into: found by its address, or founded with a store, a till and an owner."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.catalog.operations import add_tax_class
from retail.identity import operations as people
from retail.identity.passwords import make_hash
from retail.kit.ids import new_id
from retail.ledger import open_books
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Scope, TenantFacts
from retail.tenants import operations as tenants
from retail.tenants.queries import StoreFacts, stores, tenant_by_slug, this_tenant, tills

SLUG: Final = "online-retail"
STORE: Final = "WEB"
NO_TAX: Final = "NONE"
DEMO_OWNER: Final = "owner@corner.example"


@dataclass(frozen=True, slots=True)
class WebShop:
    """Where past trade is stored. `login` is e-mail and password of an owner made just now; the password may be old."""

    tenant: TenantFacts
    store: StoreFacts
    till: UUID
    tax_class: UUID
    login: tuple[str, str] | None = None

    @property
    def scope(self) -> Scope:
        """The import's own scope."""
        return Scope.system(self.tenant.id)


async def web_shop(db: Database, slug: str, owner: str) -> WebShop:
    """Find the business and its web till, or found what is missing; `owner` may be an e-mail address or nothing."""
    async with db.platform() as unit:
        known = await tenant_by_slug(unit, slug)
    facts = known or TenantFacts(
        new_id(), slug, _name(slug), "GB", "GBP", "en-GB", "Europe/London", prices_include_tax=False, cash_unit_minor=1
    )
    return await db.run(Scope.system(facts.id), _furnish, facts, owner, new=known is None)


async def _furnish(tx: Tx, facts: TenantFacts, owner: str, *, new: bool) -> WebShop:
    login = None
    if new:
        await tenants.open_tenant(tx, facts)
        await open_books(tx)
    if new or owner:
        login = await _owner(tx, facts.slug, owner)
    store = next((one for one in await stores(tx) if one.code == STORE), None)
    if store is None:
        await tenants.open_store(tx, tenants.NewStore(new_id(), STORE, "Web shop", facts.timezone, day_cutoff_hour=0))
        store = next(one for one in await stores(tx) if one.code == STORE)
    till = next((one.id for one in await tills(tx, store=store.id)), None)
    if till is None:
        till = new_id()
        await tenants.set_up_till(tx, tenants.NewTill(till, store.id, STORE, "Web"))
    tax_class = await tx.fetchval("SELECT id FROM tax_class WHERE tenant_id = $1 AND code = $2", tx.tenant, NO_TAX)
    if tax_class is None:
        tax_class = new_id()
        await add_tax_class(tx, tax_class, NO_TAX, "No tax in these prices", 0)
    return WebShop(await this_tenant(tx), store, till, tax_class, login)


async def _owner(tx: Tx, slug: str, wanted: str) -> tuple[str, str]:
    """Make somebody the owner: who is named, else the demo's owner, else a new account with a password of its own."""
    demo = await tx.fetchval("SELECT true FROM auth_person($1)", DEMO_OWNER)
    email = (wanted or (DEMO_OWNER if demo else f"owner@{slug}.example")).lower()
    known = await tx.fetchrow("SELECT id, name FROM auth_person($1)", email)
    password = "" if known else secrets.token_urlsafe(12)
    member = await tx.fetchval(
        "SELECT true FROM membership WHERE tenant_id = $1 AND email = $2 AND ended_at IS NULL", tx.tenant, email
    )
    if not member:
        name = known["name"] if known else "Owner"
        await people.add_member(tx, people.NewMember(email, name, "owner", make_hash(password) if password else "-"))
    return email, password


def _name(slug: str) -> str:
    return " ".join(word.capitalize() for word in slug.split("-"))
