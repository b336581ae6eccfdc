"""Making, renaming, changing and deleting roles; nobody gives a right that they don't have themselves."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from retail.identity.errors import OwnersOnly
from retail.identity.lasting import is_owner, require_held, require_lasting
from retail.identity.permissions import ALL, OWNERS_KEEP, TEMPLATES, permission
from retail.identity.rights import Rights
from retail.identity.roles import FIRST_NAMES, OWNER, Role, plain, role, use_of
from retail.identity.roles_errors import (
    OwnersKeep,
    RoleEdited,
    RoleInUse,
    RoleNameTaken,
    RoleStays,
)
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.tenancy import Right

NAME_MOST: Final = 60
WHOLE: Final = 10_000
"""A hundred percent, in basis points."""
MOST_MONEY: Final = 10**12


async def open_roles(tx: Tx, exponent: int) -> None:
    """Give a new business its roles; money limits are written in a currency with this many decimals."""
    await tx.execute(
        """INSERT INTO role (tenant_id, key, name, template, version, created_at)
           SELECT $1, u.key, u.name, true, 1, $2 FROM unnest($3::text[], $4::text[]) AS u (key, name)""",
        tx.tenant,
        tx.now,
        list(FIRST_NAMES),
        list(FIRST_NAMES.values()),
    )
    for key in TEMPLATES:
        await _write(tx, key, first_rights(key, exponent))


def first_rights(key: str, exponent: int) -> Rights:
    """Give what a role may do when a business begins, its limits in a currency with this many decimals."""
    return {name: _in_currency(name, right, exponent) for name, right in TEMPLATES[key].items()}


async def create_role(tx: Tx, name: str, pattern: str) -> Role:
    """Make a role that may do what another one may, to be changed from there.

    Raises NotFound, RoleNameTaken, BeyondYourRights, Invalid.
    """
    copied = await role(tx, pattern)
    await _check_reach(tx, copied.rights)
    if pattern == OWNER:
        await _check_reach(tx, copied.rights, owners=True)
    key = await _free_key(tx, name)
    try:
        await tx.execute(
            """INSERT INTO role (tenant_id, key, name, template, version, created_at)
               VALUES ($1, $2, $3, false, 1, $4)""",
            tx.tenant,
            key,
            _checked(name),
            tx.now,
        )
    except asyncpg.UniqueViolationError as taken:
        raise RoleNameTaken from taken
    await _write(tx, key, copied.rights)
    tx.audit("role.made", "role", None, role=key, name=name, pattern=pattern, after=plain(copied.rights))
    return await role(tx, key)


async def rename_role(tx: Tx, key: str, name: str, version: int | None = None) -> Role:
    """Give a role another name; what it may do stays. Locks the role.

    `version` is the one that was looked at. Raises NotFound, RoleEdited, RoleNameTaken, Invalid.
    """
    known = await lock_role(tx, key)
    if version is not None and version != known.version:
        raise RoleEdited
    await _check_reach(tx, known.rights, owners=key == OWNER)
    if known.name == _checked(name):
        return known
    try:
        await tx.execute(
            "UPDATE role SET name = $3, version = version + 1 WHERE tenant_id = $1 AND key = $2", tx.tenant, key, name
        )
    except asyncpg.UniqueViolationError as taken:
        raise RoleNameTaken from taken
    tx.audit("role.renamed", "role", None, role=key, before=known.name, after=name)
    return await role(tx, key)


async def set_rights(tx: Tx, key: str, rights: Rights, version: int | None = None) -> Role:
    """Say what a role may do; whoever holds it follows at once. Locks the role. Emits AccessChanged.

    `version` is the one that was looked at; another means that somebody was faster (RoleEdited). Raises NotFound,
    OwnersKeep, OwnersOnly, BeyondYourRights, Invalid.
    """
    known = await lock_role(tx, key)
    _check_rights(rights)
    if dict(known.rights) == dict(rights):
        return known
    if version is not None and version != known.version:
        raise RoleEdited
    await _check_reach(tx, known.rights, owners=key == OWNER)
    await _check_reach(tx, rights)
    if key == OWNER and any(rights.get(name) != Right() for name in OWNERS_KEEP):
        raise OwnersKeep
    await tx.execute("DELETE FROM role_right WHERE tenant_id = $1 AND role_key = $2", tx.tenant, key)
    await _write(tx, key, rights)
    await tx.execute("UPDATE role SET version = version + 1 WHERE tenant_id = $1 AND key = $2", tx.tenant, key)
    changed = {name for name in ALL if known.rights.get(name) != rights.get(name)}
    tx.audit("role.changed", "role", None, role=key, before=_of(known.rights, changed), after=_of(rights, changed))
    tx.emit(AccessChanged(None))
    return await role(tx, key)


async def delete_role(tx: Tx, key: str) -> None:
    """Delete a role that nobody holds. Locks the role. Raises NotFound, RoleStays, RoleInUse, BeyondYourRights."""
    known = await lock_role(tx, key)
    if known.template:
        raise RoleStays
    await _check_reach(tx, known.rights)
    if not (await use_of(tx, key)).free:
        raise RoleInUse
    await tx.execute("UPDATE role SET deleted_at = $3 WHERE tenant_id = $1 AND key = $2", tx.tenant, key, tx.now)
    tx.audit("role.deleted", "role", None, role=key, name=known.name, before=plain(known.rights))


async def given_for(tx: Tx, key: str, store: UUID | None = None, until: datetime | None = None) -> Role:
    """Give a role that the actor is about to give, for one store or all, until then or, None, for good.

    It can't be deleted meanwhile. Raises NotFound, OwnersOnly for the owners' role, BeyondYourRights, HeldForATime.
    """
    known = await _held_still(tx, key)
    await require_lasting(tx, known.rights, store, until)
    return known


async def held_for(tx: Tx, key: str, store: UUID | None = None) -> Role:
    """Give a role that the actor is about to take, for one store or all; it can't be deleted meanwhile.

    Raises NotFound, OwnersOnly for the owners' role, BeyondYourRights.
    """
    known = await _held_still(tx, key)
    await require_held(tx, known.rights, store)
    return known


async def _held_still(tx: Tx, key: str) -> Role:
    row = await tx.fetchrow(
        "SELECT key FROM role WHERE tenant_id = $1 AND key = $2 AND deleted_at IS NULL FOR SHARE", tx.tenant, key
    )
    if row is None:
        raise NotFound("role")
    if key == OWNER and not await is_owner(tx):
        raise OwnersOnly
    return await role(tx, key)


def _of(rights: Rights, names: set[str]) -> dict[str, str | int]:
    return {name: plain(rights).get(name, "denied") for name in sorted(names)}


def _in_currency(name: str, right: Right, exponent: int) -> Right:
    if right.limit is None or permission(name).limit != "money":
        return right
    return Right(limit=right.limit * 10 ** max(exponent - 2, 0))


def _checked(name: str) -> str:
    if not name.strip() or len(name) > NAME_MOST:
        raise Invalid({"name": [_("Give the role a name of at most %(most)d characters.") % {"most": NAME_MOST}]})
    return name


def _check_rights(rights: Rights) -> None:
    wrong: dict[str, list[str]] = {}
    for name, right in rights.items():
        if name not in ALL:
            wrong[name] = [_("There is no such right.")]
            continue
        kind = permission(name).limit
        most = WHOLE if kind == "percent" else MOST_MONEY
        if right.limit is not None and (kind is None or right.state != "allowed" or not 0 <= right.limit <= most):
            wrong[name] = [_("This limit isn't possible here.")]
    if wrong:
        raise Invalid(wrong)


async def _check_reach(tx: Tx, rights: Rights, *, owners: bool = False) -> None:
    """Let only somebody say what a role may do who may do it for good: a role has no end."""
    if owners and not await is_owner(tx):
        raise OwnersOnly
    await require_lasting(tx, rights)


async def lock_role(tx: Tx, key: str) -> Role:
    """Give a role that nobody changes until the end of this transaction. Raises NotFound."""
    await tx.execute("SELECT FROM role WHERE tenant_id = $1 AND key = $2 FOR UPDATE", tx.tenant, key)
    return await role(tx, key)


async def _free_key(tx: Tx, name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30].strip("-")
    if not base or not base[0].isalpha():
        base = f"role-{base}".strip("-")
    taken = {row["key"] for row in await tx.fetch("SELECT key FROM role WHERE tenant_id = $1", tx.tenant)}
    taken |= {"system", "operator"}
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)


async def _write(tx: Tx, key: str, rights: Rights) -> None:
    ordered = sorted(rights.items())
    await tx.execute(
        """INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
           SELECT $1, $2, u.permission, u.state, u.most
             FROM unnest($3::text[], $4::text[], $5::bigint[]) AS u (permission, state, most)""",
        tx.tenant,
        key,
        [name for name, _right in ordered],
        [right.state for _name, right in ordered],
        [right.limit for _name, right in ordered],
    )
