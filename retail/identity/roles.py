"""Roles of a business: those it begins with, its own, and what each of them may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from retail.identity.permissions import ALL
from retail.identity.rights import Rights, beyond, is_key_keeper
from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.tenancy import Right, Scope

OWNER: Final = "owner"
FIRST_NAMES: Final = {"owner": "Owner", "manager": "Manager", "clerk": "Sales clerk", "viewer": "Viewer"}
_ORDER: Final = "array_position(ARRAY['owner', 'manager', 'clerk', 'viewer'], key), lower(name), key"


@dataclass(frozen=True, slots=True)
class Role:
    """A role and what it may do. `template`: one that every business begins with. `version` grows with each change."""

    key: str
    name: str
    template: bool
    version: int
    rights: Rights = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Give its name: in the reader's language for a role of the product that nobody has renamed."""
        own = {"owner": _("Owner"), "manager": _("Manager"), "clerk": _("Sales clerk"), "viewer": _("Viewer")}
        return own[self.key] if self.template and FIRST_NAMES.get(self.key) == self.name else self.name


@dataclass(frozen=True, slots=True)
class Use:
    """How many members have a role as their own, grants give it now or later, and programs act with it."""

    members: int = 0
    grants: int = 0
    tokens: int = 0

    @property
    def free(self) -> bool:
        """Claim that nobody holds it."""
        return not (self.members or self.grants or self.tokens)


async def roles(read: Read) -> list[Role]:
    """Give the roles with their rights: the product's own first, then by name."""
    rows = await read.fetch(
        f"""SELECT key, name, template, version FROM role
             WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY {_ORDER}""",  # noqa: S608 - a constant
        read.tenant,
    )
    rights = await _rights(read, [row["key"] for row in rows])
    return [Role(**row, rights=rights.get(row["key"], {})) for row in rows]


async def role(read: Read, key: str) -> Role:
    """Give one role with its rights. Raises NotFound."""
    row = await read.fetchrow(
        "SELECT key, name, template, version FROM role WHERE tenant_id = $1 AND key = $2 AND deleted_at IS NULL",
        read.tenant,
        key,
    )
    if row is None:
        raise NotFound("role")
    return Role(**row, rights=(await _rights(read, [key])).get(key, {}))


async def role_names(read: Read) -> dict[str, str]:
    """Name all roles, the deleted ones too, for lists and histories."""
    rows = await read.fetch("SELECT key, name, template, version FROM role WHERE tenant_id = $1", read.tenant)
    return {row["key"]: Role(**row).words for row in rows}


async def use_of(read: Read, key: str) -> Use:
    """Count who holds a role."""
    row = await read.fetchrow(
        """SELECT (SELECT count(*) FROM membership WHERE tenant_id = $1 AND role = $2 AND ended_at IS NULL) AS members,
                  (SELECT count(*) FROM role_grant WHERE tenant_id = $1 AND role_key = $2 AND revoked_at IS NULL
                      AND (ends_at IS NULL OR ends_at > $3)) AS grants,
                  (SELECT count(*) FROM api_token WHERE tenant_id = $1 AND role = $2 AND revoked_at IS NULL
                      AND kind = 'script' AND expires_at > $3) AS tokens""",
        read.tenant,
        key,
        read.now,
    )
    return Use(**row) if row else Use()


def may_hand(actor: Scope, one: Role, store: UUID | None = None) -> bool:
    """Claim that the actor may give somebody the role, for a store or for all of them, or take it."""
    if one.key == OWNER:
        return is_key_keeper(actor)
    return not beyond(actor, one.rights, store)


def plain(rights: Rights) -> dict[str, str | int]:
    """Write rights for the trail: "allowed", "approval", or the limit up to which they are allowed."""
    return {name: right.limit if right.limit is not None else right.state for name, right in sorted(rights.items())}


async def _rights(read: Read, keys: Sequence[str]) -> Mapping[str, dict[str, Right]]:
    rows = await read.fetch(
        """SELECT role_key, permission, state, limit_amount FROM role_right
            WHERE tenant_id = $1 AND role_key = ANY ($2::text[])""",
        read.tenant,
        list(keys),
    )
    found: defaultdict[str, dict[str, Right]] = defaultdict(dict)
    for row in rows:
        if row["permission"] in ALL:
            found[row["role_key"]][row["permission"]] = Right(row["state"], row["limit_amount"])
    return found
