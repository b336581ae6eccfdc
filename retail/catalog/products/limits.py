"""A plan's room: how many products a business may have on sale, counted behind the lock of the catalogue's head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from retail.identity.permissions import MANAGE_BILLING
from retail.kit.errors import Conflict
from retail.kit.text import _
from retail.runtime.db import Read, Tx

_ROOM: Final = """
SELECT t.plan, n.name, n.products_per_store, greatest(s.stores, 1) AS stores,
       CASE WHEN n.products_per_store IS NULL THEN 0
            ELSE (SELECT count(*) FROM product p WHERE p.tenant_id = $1 AND p.archived_at IS NULL) END AS used
  FROM tenant t JOIN plan n ON n.key = t.plan
 CROSS JOIN LATERAL (SELECT count(*) AS stores FROM store WHERE tenant_id = $1 AND archived_at IS NULL) s
 WHERE t.id = $1
"""


@dataclass(frozen=True, slots=True)
class Room:
    """What a business's plan has room for; `most` None is any number. `used` is not counted where there's no limit."""

    plan: str
    name: str
    per_store: int | None
    stores: int
    used: int

    @property
    def most(self) -> int | None:
        """How many products may be on sale in all."""
        return None if self.per_store is None else self.per_store * self.stores


class PlanFull(Conflict):
    """The business's plan has no room for so many products."""

    code = "plan_full"

    def __init__(self, room: Room | None = None, wanted: int = 1, *, pays: bool = False) -> None:
        super().__init__(room, wanted)
        self.pays = pays
        self.room = room or Room("", "", 0, 1, 0)
        self.wanted = wanted

    def sentence(self) -> str:
        """Say how much room there is, and what makes more; who `pays` for the plan can open its page."""
        full = _(
            "Your plan %(plan)s has room for %(most)d products, %(each)d per store, and %(used)d are on sale. Nothing"
            " was saved."
        )
        own = _("Take some off sale first, or take a larger plan under Subscription.")
        others = _("Take some off sale first, or ask whoever looks after your subscription for a larger plan.")
        return f"{full} {own if self.pays else others}" % {
            "plan": self.room.name,
            "most": self.room.most or 0,
            "each": self.room.per_store or 0,
            "used": self.room.used,
        }

    def facts(self) -> Mapping[str, object]:
        """Give the figures."""
        return {"plan": self.room.plan, "most": self.room.most, "used": self.room.used, "wanted": self.wanted}


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan that a business may have; `per_store` None is any number of products."""

    key: str
    name: str
    per_store: int | None


async def plans(read: Read) -> list[PlanFacts]:
    """List the plans, the smallest first."""
    rows = await read.fetch("SELECT key, name, products_per_store FROM plan ORDER BY position")
    return [PlanFacts(*row) for row in rows]


async def set_plan(tx: Tx, plan: str, reason: str) -> None:
    """Give the business another plan; what it has on sale stays, and only what is new is measured by it."""
    before = (await room(tx)).plan
    await tx.execute("UPDATE tenant SET plan = $2 WHERE id = $1", tx.tenant, plan)
    tx.audit("tenant.plan_set", "tenant", tx.tenant, before={"plan": before}, after={"plan": plan}, reason=reason)


async def room(read: Read) -> Room:
    """Tell what the business's plan has room for, and how much of it is taken."""
    row = await read.fetchrow(_ROOM, read.tenant)
    return Room(*row) if row else Room("", "", None, 1, 0)


async def refuse_beyond(read: Read, more: int) -> None:
    """Refuse to have `more` products on sale than now. Raises PlanFull."""
    if more > 0:
        here = await room(read)
        if here.most is not None and here.used + more > here.most:
            raise PlanFull(here, more, pays=read.scope.may(MANAGE_BILLING))
