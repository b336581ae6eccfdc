"""The JSON API of roles, people's places and grants."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field

from retail.identity import operations, queries
from retail.identity.doorkeeper import MEMORY
from retail.identity.grants import Grant, NewGrant, end_grant, give_grant, grants_of, living_grants
from retail.identity.permissions import EDIT_PEOPLE, MANAGE_ROLES, PERMISSIONS, VIEW_PEOPLE
from retail.identity.roles import Role, role, roles
from retail.identity.roles_changes import create_role, delete_role, lock_role, rename_role, set_rights
from retail.kit.stamps import stamp
from retail.runtime.db import Tx
from retail.runtime.tenancy import Right, Scope
from retail.runtime.web.api import Request, allow
from retail.runtime.web.context import db
from retail.runtime.web.matching import require_seen, tagged

router = APIRouter(tags=["people"])


class PermissionOut(BaseModel):
    """One thing that somebody may do; `limit` says what an amount of it is measured in."""

    name: str
    label: str
    group: str
    limit: Literal["percent", "money"] | None
    sensitive: bool
    per_store: bool


class RightIn(BaseModel):
    """How a permission is held. `limit`: basis points for percentages, minor units for money."""

    state: Literal["allowed", "approval"]
    limit: int | None = Field(None, ge=0)


class RoleOut(BaseModel):
    """A role. Permissions that `rights` doesn't name are denied."""

    key: str
    name: str
    template: bool
    version: int
    rights: dict[str, RightIn]


class NewRole(BaseModel):
    """A role that begins with the rights of another one."""

    name: str = Field(min_length=1, max_length=60)
    like: str = Field(max_length=40)


class RoleName(BaseModel):
    """Another name of a role; with `version`, only if nobody has changed it since."""

    name: str = Field(min_length=1, max_length=60)
    version: int | None = None


class RoleRights(BaseModel):
    """All rights of a role; with `version`, only if nobody has changed it since."""

    rights: dict[str, RightIn]
    version: int | None = None


class MemberOut(BaseModel):
    """Somebody who works here. `everywhere` false: only what they are granted counts, the role is their title.

    `version` is another one as soon as role or place is.
    """

    id: UUID
    name: str
    email: str
    role: str
    everywhere: bool
    version: str


class Place(BaseModel):
    """A member's role and where it counts; with `version`, only if it is still the one that was read."""

    role: str = Field(max_length=40)
    everywhere: bool = True
    version: str | None = Field(None, max_length=64)


class GrantIn(BaseModel):
    """A further role, in one store or all, from a moment (now), until another (for good)."""

    role: str = Field(max_length=40)
    store: UUID | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    reason: str = Field("", max_length=200)


class GrantOut(BaseModel):
    """A grant and whether it counts now."""

    id: UUID
    member: UUID
    role: str
    store: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    given_by: str
    state: Literal["coming", "running", "over", "revoked"]


@router.get("/permissions")
async def list_permissions(scope: Scope = allow(VIEW_PEOPLE)) -> list[PermissionOut]:  # noqa: ARG001 - asks for it
    """List everything that a role may be given."""
    return [
        PermissionOut(
            name=one.name,
            label=one.words,
            group=one.group,
            limit=one.limit,
            sensitive=one.sensitive,
            per_store=one.per_store,
        )
        for one in PERMISSIONS
    ]


@router.get("/roles")
async def list_roles(request: Request, scope: Scope = allow(VIEW_PEOPLE)) -> list[RoleOut]:
    """List the roles with their rights."""
    async with db(request).read(scope) as read:
        return [_role(one) for one in await roles(read)]


@router.get("/roles/{key}")
async def get_role(request: Request, key: str, response: Response, scope: Scope = allow(VIEW_PEOPLE)) -> RoleOut:
    """Give one role."""
    async with db(request).read(scope) as read:
        return _tagged(response, await role(read, key))


@router.post("/roles", status_code=201)
async def make_role(request: Request, new: NewRole, scope: Scope = allow(MANAGE_ROLES, confirm=True)) -> RoleOut:
    """Make a role like another one."""
    return _role(await db(request).run(scope, create_role, new.name, new.like))


@router.patch("/roles/{key}")
async def name_role(
    request: Request, key: str, new: RoleName, response: Response, scope: Scope = allow(MANAGE_ROLES, confirm=True)
) -> RoleOut:
    """Rename a role; with `version` or If-Match only if it is still the one that was read."""

    async def run(tx: Tx) -> Role:
        require_seen(request, (await lock_role(tx, key)).version, new.version)
        return await rename_role(tx, key, new.name)

    return _tagged(response, await db(request).run(scope, run))


@router.put("/roles/{key}/rights")
async def put_rights(
    request: Request, key: str, new: RoleRights, response: Response, scope: Scope = allow(MANAGE_ROLES, confirm=True)
) -> RoleOut:
    """Say what a role may do; whoever holds it follows at once. `version` and If-Match as for its name."""
    rights = {name: Right(one.state, one.limit) for name, one in new.rights.items()}

    async def run(tx: Tx) -> Role:
        require_seen(request, (await lock_role(tx, key)).version)
        return await set_rights(tx, key, rights, new.version)

    changed = await db(request).run(scope, run)
    MEMORY.forget(tenant=scope.tenant)
    return _tagged(response, changed)


@router.delete("/roles/{key}", status_code=204)
async def drop_role(request: Request, key: str, scope: Scope = allow(MANAGE_ROLES, confirm=True)) -> Response:
    """Delete a role that nobody holds."""
    await db(request).run(scope, delete_role, key)
    return Response(status_code=204)


@router.get("/people")
async def list_people(request: Request, scope: Scope = allow(VIEW_PEOPLE)) -> list[MemberOut]:
    """List who works here."""
    async with db(request).read(scope) as read:
        return [_member(one) for one in await queries.members(read)]


@router.put("/people/{member}/place")
async def put_place(
    request: Request, member: UUID, new: Place, scope: Scope = allow(EDIT_PEOPLE, confirm=True)
) -> MemberOut:
    """Give a member another role, or say where it counts; `version` and If-Match as for roles."""

    async def run(tx: Tx) -> queries.Member:
        known = await operations.lock_member(tx, member, new.role)
        require_seen(request, _version(known), new.version)
        return await operations.change_role(tx, member, new.role, everywhere=new.everywhere)

    changed = await db(request).run(scope, run)
    MEMORY.forget(person=changed.person_id)
    return _member(changed)


@router.get("/grants")
async def list_living_grants(request: Request, scope: Scope = allow(VIEW_PEOPLE)) -> list[GrantOut]:
    """List the grants of all members that count now or will."""
    async with db(request).read(scope) as read:
        return [_grant(one, read.now) for one in await living_grants(read)]


@router.get("/people/{member}/grants")
async def list_grants(request: Request, member: UUID, scope: Scope = allow(VIEW_PEOPLE)) -> list[GrantOut]:
    """List what a member is or was granted, at most the newest 200."""
    async with db(request).read(scope) as read:
        await queries.member(read, member)
        return [_grant(one, read.now) for one in await grants_of(read, member)]


@router.post("/people/{member}/grants", status_code=201)
async def make_grant(
    request: Request, member: UUID, new: GrantIn, scope: Scope = allow(EDIT_PEOPLE, confirm=True)
) -> GrantOut:
    """Grant a member a role for a store, for a time, or both."""
    draft = NewGrant(new.role, new.store, new.starts_at, new.ends_at, new.reason)
    made = await db(request).run(scope, give_grant, member, draft)
    await _forget(request, scope, member)
    return _grant(made, db(request).clock.now())


@router.delete("/people/{member}/grants/{grant}")
async def drop_grant(
    request: Request, member: UUID, grant: UUID, scope: Scope = allow(EDIT_PEOPLE, confirm=True)
) -> GrantOut:
    """Take a grant back; one that is over stays as it was."""
    ended = await db(request).run(scope, end_grant, member, grant)
    await _forget(request, scope, member)
    return _grant(ended, db(request).clock.now())


async def _forget(request: Request, scope: Scope, member: UUID) -> None:
    async with db(request).read(scope) as read:
        known = await queries.member(read, member)
    MEMORY.forget(person=known.person_id)


def _role(one: Role) -> RoleOut:
    rights = {name: RightIn(state=right.state, limit=right.limit) for name, right in sorted(one.rights.items())}
    return RoleOut(key=one.key, name=one.words, template=one.template, version=one.version, rights=rights)


def _tagged(response: Response, one: Role) -> RoleOut:
    tagged(response, one.version)
    return _role(one)


def _version(one: queries.Member) -> str:
    return stamp(one.id, one.role, one.everywhere)


def _member(one: queries.Member) -> MemberOut:
    return MemberOut(
        id=one.id,
        name=one.name,
        email=one.email,
        role=one.role,
        everywhere=one.everywhere,
        version=_version(one),
    )


def _grant(one: Grant, now: datetime) -> GrantOut:
    return GrantOut(
        id=one.id,
        member=one.member,
        role=one.role,
        store=one.store,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        reason=one.reason,
        given_by=one.given_by_name,
        state=one.state(now),
    )
