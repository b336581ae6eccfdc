"""What an operator does for people of any business: invites them into one, and deletes an account everywhere."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.audit.operations import note, platform_scope
from retail.identity.disabling import account_by_email, disable_account
from retail.identity.errors import NoSuchAccount
from retail.identity.invitations import Invite, invite
from retail.identity.roles import FIRST_NAMES, Role
from retail.identity.sessions import Ended
from retail.kit.errors import Conflict, NotFound
from retail.kit.text import _
from retail.privacy.erasing import erase_account
from retail.privacy.erasure import AlreadyErased, erase_member
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.tenants.queries import tenant_by_slug

ROLES: Final = ("owner", "manager", "clerk", "viewer")
"""The roles that every business has."""


class OperatorStays(Conflict):
    """The account runs the installation, and may not be deleted beside that."""

    code = "operator_stays"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This account runs the installation. It can be disabled here, and is not deleted.")


def role_words(role: str) -> str:
    """Say what a role is called."""
    return Role(role, FIRST_NAMES[role], template=True, version=0).words


async def invite_into(db: Database, actor: Actor, slug: str, wanted: Invite, base_url: str) -> TenantFacts:
    """Invite somebody into a business; on both trails. Raises NotFound, and what invitations.invite() does."""
    async with db.platform() as unit:
        facts = await tenant_by_slug(unit, slug)
    if facts is None:
        raise NotFound("tenant")
    await db.run(Scope(facts.id, actor, role="system"), invite, facts, wanted, base_url)
    await note(db, platform_scope(actor), "person.invited", "tenant", facts.id, role=wanted.role)
    return facts


async def delete_account(
    db: Database, actor: Actor, email: str, reason: str, *, ip: str = "", request_id: str = ""
) -> Ended:
    """End an account at once and have its names erased, in every business where it ever worked.

    Gives what the processes have to forget. Raises NoSuchAccount, OnlyOwner, OwnRights, OperatorStays.
    """
    async with db.platform() as unit:
        known = await account_by_email(unit, email)
        rows = await unit.fetch("SELECT tenant_id, member_id FROM auth_memberships_to_erase($1)", known.id)
    if known.operator:
        raise OperatorStays
    ended = await disable_account(db, actor, email, reason, ip=ip, request_id=request_id)
    scope = platform_scope(actor, ip=ip, request_id=request_id)
    await note(db, scope, "person.erasure_asked", "person", known.id, reason=reason, businesses=len(rows))
    for row in rows:
        inside = Scope(row["tenant_id"], actor, role="system", ip=ip, request_id=request_id)
        await db.run(inside, _erase_in, row["member_id"])
    if not rows and not await db.run(scope, erase_account, known.id):
        raise NoSuchAccount(email)
    return ended


async def _erase_in(tx: Tx, member: UUID) -> None:
    try:
        await erase_member(tx, member)
    except AlreadyErased:
        return
