"""The JSON API of roles."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from retail.identity.doorkeeper import MEMORY
from retail.identity.permissions import MANAGE_ROLES, PERMISSIONS, VIEW_PEOPLE
from retail.identity.roles import Role, role, roles
from retail.identity.roles_changes import create_role, delete_role, lock_role, rename_role, set_rights
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

    model_config = ConfigDict(extra="forbid")

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

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    like: str = Field(max_length=40)


class RoleName(BaseModel):
    """Another name of a role; with `version`, only if nobody has changed it since."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    version: int | None = None


class RoleRights(BaseModel):
    """All rights of a role; with `version`, only if nobody has changed it since."""

    model_config = ConfigDict(extra="forbid")

    rights: dict[str, RightIn]
    version: int | None = None


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


def _role(one: Role) -> RoleOut:
    rights = {name: RightIn(state=right.state, limit=right.limit) for name, right in sorted(one.rights.items())}
    return RoleOut(key=one.key, name=one.words, template=one.template, version=one.version, rights=rights)


def _tagged(response: Response, one: Role) -> RoleOut:
    tagged(response, one.version)
    return _role(one)
