"""Looks: an operator sees a business as its owner would, for some minutes, with a reason, and changes nothing.

A look belongs to the session that began it, and makes that session read-only everywhere: in the business that is looked
at, in every other one, on the operator's own pages. It gives rights to look in one business and nowhere else. Begun and
ended ones stand in the business's own trail, the reason with them (decision 0028).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.audit import EXPORT
from retail.identity.permissions import SELL
from retail.identity.rights import Holding, Rights, read_holding
from retail.identity.rules import SESSION_IDLE
from retail.kit.errors import Conflict
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Database, Tx, Unit
from retail.runtime.notices import post_notice
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.tenancy import Scope, TenantFacts

MINUTES: Final = (15, 30, 60)
"""How long a look may last; the database allows no more than the longest."""
NOTICE: Final = "support_looks"
ROLE: Final = "owner"
KEPT_BACK: Final = frozenset({SELL, EXPORT})
"""What whoever looks hasn't got: a till of their own, and files to take along."""
_FACTS: Final = tuple(TenantFacts.__slots__)

_OF_SESSION: Final = """
SELECT l.*, auth_rights(l.id, NULL, $3, $2) AS rights FROM auth_look($1, $2) l"""


@dataclass(frozen=True, slots=True)
class Look:
    """What an operator's session looks at, and until when."""

    id: UUID
    tenant: TenantFacts
    until: datetime
    holding: Holding


class LooksAlready(Conflict):
    """The session looks at a business already."""

    code = "looks_already"

    def sentence(self) -> str:
        """Say to stop first."""
        return _("You are looking at a business already. Stop looking there, then begin here.")


async def look_of(unit: Unit, token_hash: bytes) -> Look | None:
    """Give what a session looks at now; None for nothing, for a session that has ended and for who is no operator."""
    row = await unit.fetchrow(_OF_SESSION, token_hash, unit.now, ROLE)
    if row is None:
        return None
    facts = TenantFacts(**{name: row[name] for name in _FACTS})
    return Look(row["look"], facts, row["until"], reading(read_holding(row["rights"])))


def reading(holding: Holding) -> Holding:
    """Take out of an owner's rights what is no looking."""

    def cut(rights: Rights) -> Rights:
        return {name: right for name, right in rights.items() if name not in KEPT_BACK}

    return replace(
        holding,
        rights=cut(holding.rights),
        store_rights={store: cut(rights) for store, rights in holding.store_rights.items()},
        permissions=holding.permissions - KEPT_BACK,
        whole=False,
    )


async def begin(tx: Tx, session: bytes, reason: str, minutes: int) -> datetime:
    """Begin to look at the transaction's business; gives until when. Raises LooksAlready. Tells its bell."""
    id, until = new_id(), tx.now + timedelta(minutes=minutes)
    made = await tx.fetchval("SELECT auth_begin_look($1, $2, $3, $4, $5)", id, session, tx.tenant, tx.now, until)
    if made is None:
        raise LooksAlready
    tx.audit("look.begun", "tenant", tx.tenant, reason=reason, until=until)
    await post_notice(tx, NOTICE, subject=id, key=str(id), name=tx.actor.name, reason=reason)
    return until


async def stop(tx: Tx, look: UUID, why: str = "stopped") -> bool:
    """End a look; claims that it wasn't over yet. Its sockets prove themselves again. Emits AccessChanged."""
    row = await tx.fetchrow("SELECT * FROM auth_end_look($1, $2)", look, tx.now)
    if row is None:
        return False
    tx.audit("look.ended", "tenant", tx.tenant, why=why)
    tx.emit(AccessChanged(row["person_id"]))
    return True


async def end_spent(db: Database) -> int:
    """End what has run out of time or lost its session, and put it on the trails; gives their number. Raises Busy."""
    async with db.platform() as unit:
        spent = await unit.fetch("SELECT * FROM auth_spent_looks($1, $2)", unit.now, unit.now - SESSION_IDLE)
    for row in spent:
        await db.run(Scope.system(row["business_id"]), stop, row["id"], row["why"])
    return len(spent)
