"""Who acts, for which tenant, with which rights: the scope that every unit of work is opened with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from retail.kit.errors import Forbidden
from retail.kit.money import Currency, currency


@dataclass(frozen=True, slots=True)
class Actor:
    """The person, program or machine that is answerable for a change."""

    kind: Literal["person", "token", "device", "system"]
    id: UUID | None
    name: str


SYSTEM = Actor("system", None, "Countertop")


@dataclass(frozen=True, slots=True)
class Scope:
    """A tenant, an actor in it, and what the actor may do there."""

    tenant: UUID
    actor: Actor
    permissions: frozenset[str] = field(default_factory=frozenset)
    role: str = ""
    request_id: str = ""

    @staticmethod
    def system(tenant: UUID) -> Scope:
        """Make the scope of the product's own work for a tenant: relay, jobs, seeds, imports."""
        return Scope(tenant, SYSTEM, role="system")

    def may(self, permission: str) -> bool:
        """Claim that the actor has a permission."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise Forbidden unless the actor has the permission."""
        if permission not in self.permissions:
            raise Forbidden(permission)


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
