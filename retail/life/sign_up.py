"""Signing up a business: asked for on a public page, and founded only once its owner has answered the mail.

The mail's link holds a secret of which only the hash is stored; it works once, for a day. Whoever has an account
already gets the same page and a mail of the same kind: nobody learns which addresses are known.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.identity.operations import NewMember, person_to_be
from retail.identity.rules import digest, new_secret
from retail.kit.errors import DomainError
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.life.founding import Plan, found_with_owner
from retail.runtime.db import Database, Tx, Unit
from retail.runtime.mail import compose, queue
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.tenants.countries import Tax

LIVES: Final = timedelta(hours=24)


class SignUpSpent(DomainError):
    """The link was used, has run out, or never was one."""

    status = 404
    code = "sign_up_spent"

    def sentence(self) -> str:
        """Say how to get another one."""
        return _("This link was used already or has run out. Sign up again, or sign in if you have done so.")


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody signed up with, as the link finds it. `has_account`: the address is somebody's already."""

    id: UUID
    email: str
    owner: str
    password_hash: str
    plan: Plan
    expires_at: datetime
    has_account: bool


async def ask(unit: Unit, plan: Plan, owner: NewMember, base_url: str) -> None:
    """Keep what was asked for, and send the link that founds it. Nothing else happens before the link is used."""
    secret = new_secret()
    known = await unit.fetchval(
        "SELECT auth_begin_sign_up($1, $2, $3, $4, $5, $6, $7)",
        new_id(),
        digest(secret),
        owner.email.lower(),
        owner.password_hash,
        json.dumps({"plan": asdict(plan), "owner": owner.name}),
        unit.now,
        unit.now + LIVES,
    )
    letter = compose(
        "sign_up",
        owner.email,
        link=f"{base_url}/sign-up/confirmation?token={secret}",
        essential=True,
        name=plan.name,
        known=bool(known),
        hours=int(LIVES.total_seconds() // 3600),
    )
    await queue(unit, letter)


async def asked_with(unit: Unit, secret: str) -> SignUp:
    """Give what a link leads to; using it is another matter. Raises SignUpSpent."""
    row = await unit.fetchrow("SELECT * FROM auth_sign_up($1, $2)", digest(secret), unit.now)
    if row is None:
        raise SignUpSpent
    told = json.loads(row["facts"])
    taxes = tuple(Tax(**tax) for tax in told["plan"].pop("taxes"))
    return SignUp(
        row["id"],
        row["email"],
        told["owner"],
        row["password_hash"],
        Plan(**told["plan"], taxes=taxes),
        row["expires_at"],
        row["has_account"],
    )


async def confirm(db: Database, secret: str, asked: SignUp, plan: Plan, *, ip: str, request_id: str) -> TenantFacts:
    """Use the link up and found the business, in one transaction. An account that exists keeps its name and password.

    Raises SignUpSpent, SlugTaken, AccountOpened.
    """
    async with db.platform() as unit:
        person = await person_to_be(unit, asked.email)
    scope = Scope(new_id(), Actor("person", person, asked.owner), role="system", ip=ip, request_id=request_id)
    owner = NewMember(asked.email, asked.owner, "owner", asked.password_hash, person=person)
    return await db.run(scope, _confirm, secret, plan, owner)


async def _confirm(tx: Tx, secret: str, plan: Plan, owner: NewMember) -> TenantFacts:
    used = await tx.fetchval("SELECT auth_use_sign_up($1, $2)", digest(secret), tx.now)
    if used is None:
        raise SignUpSpent
    facts = await found_with_owner(tx, plan, owner)
    tx.audit("tenant.signed_up", "tenant", facts.id, sign_up=used, country=plan.country)
    return facts
