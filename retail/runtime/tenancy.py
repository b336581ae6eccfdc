"""Who acts, for which tenant, with which rights, in which stores: the scope that every unit of work is opened with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID

from retail.kit.errors import Forbidden, NeedsApproval
from retail.kit.money import Currency, currency

State = Literal["allowed", "approval"]
Decision = Literal["allowed", "approval", "denied"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, program or machine that is answerable for a change."""

    kind: Literal["person", "token", "device", "system"]
    id: UUID | None
    name: str


SYSTEM = Actor("system", None, "Countertop")


@dataclass(frozen=True, slots=True)
class Right:
    """How a permission is held: freely up to `limit`, or only with somebody's approval.

    `limit` is in basis points for percentages and in minor units for money; None for no limit. What goes over it needs
    an approval. A right that always needs approval has no limit; it is `shut` where nothing asks for approvals, which
    is as good as not having it.
    """

    state: State = "allowed"
    limit: int | None = None
    shut: bool = False

    def decide(self, amount: int | None = None) -> State:
        """Say whether an amount may go through; None where the act has no amount."""
        if self.state == "allowed" and (self.limit is None or amount is None or amount <= self.limit):
            return "allowed"
        return "approval"

    def covers(self, other: Right) -> bool:
        """Claim that whatever the other right lets through, this one lets through too."""
        if self.state == "approval" or other.state == "approval":
            return other.state == "approval"
        return self.limit is None or (other.limit is not None and other.limit <= self.limit)


NO_RIGHTS: Final[Mapping[str, Right]] = MappingProxyType({})
_NOWHERE: Final[Mapping[UUID, Mapping[str, Right]]] = MappingProxyType({})
_FREELY: Final = Right()


@dataclass(frozen=True, slots=True)
class Scope:
    """A tenant, an actor in it, and what the actor may do there, in which of its stores.

    `rights` are held in every store that the scope reaches, `store_rights` in the one store, those of `rights`
    included; `permissions` are the names that are held in at least one. `stores` None: all of them, those to come too.
    Rights that no mapping names but `permissions` does are held freely.
    """

    tenant: UUID
    actor: Actor
    permissions: frozenset[str] = field(default_factory=frozenset)
    role: str = ""
    request_id: str = ""
    rights: Mapping[str, Right] = field(default_factory=lambda: NO_RIGHTS, hash=False)
    store_rights: Mapping[UUID, Mapping[str, Right]] = field(default_factory=lambda: _NOWHERE, hash=False)
    stores: frozenset[UUID] | None = None
    device: UUID | None = None
    ip: str = ""
    session: UUID | None = None
    proved_at: datetime | None = None
    """When the rights were read from the database; None for scopes that were made by the product itself."""
    only_looks: bool = False
    """Whether no writing unit of work may be opened with it: an operator's who looks at a business."""
    curtailed: bool = False
    """Whether less is held than the role gives, as by a token for one purpose: an owner's isn't an owner then."""

    @staticmethod
    def system(tenant: UUID) -> Scope:
        """Make the scope of the product's own work for a tenant: relay, jobs, seeds, imports."""
        return Scope(tenant, SYSTEM, role="system")

    def may(self, permission: str) -> bool:
        """Claim that the actor has a permission, in one store at least."""
        return permission in self.permissions

    def holds(self, permission: str) -> bool:
        """Claim that the actor has a permission in every store that this scope sees."""
        if permission not in self.permissions:
            return False
        reach = self.reach(permission)
        return reach is None or (self.stores is not None and self.stores <= reach)

    def require(self, permission: str) -> None:
        """Raise Forbidden unless the actor has the permission, NeedsApproval where it is had with approval only."""
        if permission not in self.permissions:
            raise self._refusal(permission, self.rights)

    def right(self, permission: str, store: UUID | None = None) -> Right | None:
        """Give how a permission is held in a store, or, without one, in all stores of the scope; None: it isn't."""
        if self.actor.kind == "system":
            return _FREELY
        if not self.rights and not self.store_rights:
            held = permission in self.permissions and (store is None or self.stores is None or store in self.stores)
            return _FREELY if held else None
        if store is not None and self.stores is not None and store not in self.stores:
            return None
        rights = self.rights if store is None else self.store_rights.get(store, self.rights)
        return rights.get(permission)

    def decide(self, permission: str, amount: int | None = None, store: UUID | None = None) -> Decision:
        """Say whether an act may go through, needs somebody's approval, or is out of the question.

        `amount` is in basis points for a percentage and in minor units for money. Without a store the answer holds for
        all stores of the scope.
        """
        right = self.right(permission, store)
        return "denied" if right is None else right.decide(amount)

    def may_in(self, permission: str, store: UUID) -> bool:
        """Claim that the actor has a permission in a store."""
        right = self.right(permission, store)
        return right is not None and not right.shut

    def require_in(self, permission: str, store: UUID) -> None:
        """Raise Forbidden unless the actor has the permission in the store; the product itself always has."""
        if not self.may_in(permission, store):
            raise self._refusal(permission, self.store_rights.get(store, self.rights))

    def reach(self, permission: str) -> frozenset[UUID] | None:
        """Give the stores in which a permission is had; None for all stores, those to come too."""
        if not self.store_rights or (self.stores is None and _opens(self.rights, permission)):
            return self.stores
        return frozenset(store for store, rights in self.store_rights.items() if _opens(rights, permission))

    def narrowed(self, permission: str) -> Scope:
        """Give this scope as it is while using a permission: it sees the stores in which it has it, and no other."""
        stores = self.reach(permission)
        return self if stores == self.stores else replace(self, stores=stores)

    @staticmethod
    def _refusal(permission: str, rights: Mapping[str, Right]) -> Forbidden:
        held = rights.get(permission)
        return Forbidden(permission) if held is None else NeedsApproval(permission)


def _opens(rights: Mapping[str, Right], permission: str) -> bool:
    held = rights.get(permission)
    return held is not None and not held.shut


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What every page and rule needs to know of a tenant; read once per request."""

    id: UUID
    slug: str
    name: str
    country: str
    currency: str
    locale: str
    timezone: str
    prices_include_tax: bool
    cash_unit_minor: int

    @property
    def money(self) -> Currency:
        """Give the tenant's currency with the smallest coin that its tills pay out."""
        return replace(currency(self.currency), cash_unit=self.cash_unit_minor)
