"""The JSON API of people's places and grants."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from retail.identity import operations, queries
from retail.identity.doorkeeper import MEMORY
from retail.identity.grants import Grant, NewGrant, end_grant, give_grant, grants_of, living_grants
from retail.identity.people_list import listed_members
from retail.identity.permissions import EDIT_PEOPLE, VIEW_PEOPLE
from retail.kit.paging import cut
from retail.kit.stamps import stamp
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, Request, allow
from retail.runtime.web.context import db
from retail.runtime.web.matching import require_seen

router = APIRouter(tags=["people"])


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


class MembersOut(BaseModel):
    """A page of people, and the cursor of the page that follows."""

    items: list[MemberOut]
    next: str | None


class Place(BaseModel):
    """A member's role and where it counts; with `version`, only if it is still the one that was read."""

    model_config = ConfigDict(extra="forbid")

    role: str = Field(max_length=40)
    everywhere: bool = True
    version: str | None = Field(None, max_length=64)


class GrantIn(BaseModel):
    """A further role, in one store or all, from a moment (now), until another (for good)."""

    model_config = ConfigDict(extra="forbid")

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


class GrantsOut(BaseModel):
    """A page of grants, and the cursor of the page that follows."""

    items: list[GrantOut]
    next: str | None


@router.get("/people")
async def list_people(  # noqa: PLR0917 - what a list can be asked for
    request: Request,
    scope: Scope = allow(VIEW_PEOPLE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    q: Annotated[str, Query(max_length=100, description="Letters of the name or the address.")] = "",
    role: Annotated[str, Query(max_length=40, description="A role's key.")] = "",
    state: Annotated[
        Literal["working", "disabled"], Query(description="Who works here, or who is disabled.")
    ] = "working",
) -> MembersOut:
    """List who works here, owners first, then by role and name."""
    async with db(request).read(scope) as read:
        page = await listed_members(read, q=q, role=role, state=state, limit=limit, after=after)
    return MembersOut(items=[_member(one) for one in page.items], next=page.next)


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
async def list_living_grants(
    request: Request,
    scope: Scope = allow(VIEW_PEOPLE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> GrantsOut:
    """List the grants of all members that count now or will."""
    async with db(request).read(scope) as read:
        page = cut(await living_grants(read), lambda grant: grant.id, limit, after)
    return GrantsOut(items=[_grant(one, read.now) for one in page.items], next=page.next)


@router.get("/people/{member}/grants")
async def list_grants(
    request: Request,
    member: UUID,
    scope: Scope = allow(VIEW_PEOPLE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> GrantsOut:
    """List what a member is or was granted: what counts now or will first, the newest first."""
    async with db(request).read(scope) as read:
        await queries.member(read, member)
        page = cut(await grants_of(read, member), lambda grant: grant.id, limit, after)
    return GrantsOut(items=[_grant(one, read.now) for one in page.items], next=page.next)


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
