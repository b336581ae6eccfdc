"""Who looks at threads, and which are theirs: the one place that decides, for pages, programs and tills alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from retail.runtime.db import Read
from retail.runtime.tenancy import Scope

OPERATOR_ID: Final = UUID(int=0)
"""Operators read as one: what one has read the others needn't."""
OWNER: Final = "owner"

# $2 sees threads with the operator, $3 the person, $4 sees all stores, $5 these stores, $6 the till
THEIRS: Final = """(CASE t.kind WHEN 'operator' THEN $2::boolean ELSE EXISTS (
  SELECT FROM thread_party p
   WHERE p.tenant_id = t.tenant_id AND p.thread_id = t.id AND p.left_at IS NULL
     AND CASE p.kind WHEN 'person' THEN p.party_id = $3::uuid
                     WHEN 'store' THEN $4::boolean OR p.party_id = ANY ($5::uuid[])
                     ELSE p.party_id = $6::uuid END) END)"""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody before threads. `stores` None: works in all of them, those to come too."""

    kind: Literal["person", "till", "operator"]
    id: UUID
    name: str
    person: UUID | None = None
    with_operator: bool = False
    stores: frozenset[UUID] | None = frozenset()
    till: UUID | None = None

    @property
    def terms(self) -> tuple[object, ...]:
        """Give the parameters $2 to $6 of THEIRS. What is private to whoever stands at a till isn't the till's."""
        every, person = self.stores is None, self.person if self.kind == "person" else None
        return (self.with_operator, person, every, [] if self.stores is None else list(self.stores), self.till)


def member(scope: Scope, person: UUID) -> Reader:
    """Give the reader that a signed-in member is: owners talk with the operator, everybody with their own.

    An owner's token for one purpose isn't an owner.
    """
    owns = scope.role == OWNER and not scope.curtailed
    return Reader("person", person, scope.actor.name, person, with_operator=owns, stores=scope.stores)


def operator(scope: Scope, person: UUID) -> Reader:
    """Give the reader that the operator is in a business: of nothing but the threads with the operator."""
    return Reader("operator", OPERATOR_ID, scope.actor.name, person, with_operator=True)


def at_till(scope: Scope, till: UUID, store: UUID, person: UUID | None) -> Reader:
    """Give the reader that a till is, for whoever stands there: what the till and its store are part of."""
    return Reader("till", till, scope.actor.name, person, stores=frozenset({store}), till=till)


# Who may still come in: a member who has left or is disabled is told nothing.
_PEOPLE: Final = """
SELECT DISTINCT m.person_id FROM thread t
  JOIN membership m ON m.tenant_id = t.tenant_id AND m.ended_at IS NULL
 WHERE t.tenant_id = $1 AND t.id = $2
   AND CASE t.kind WHEN 'operator' THEN m.role = 'owner' AND m.everywhere ELSE EXISTS (
         SELECT FROM thread_party p
          WHERE p.tenant_id = $1 AND p.thread_id = t.id AND p.left_at IS NULL
            AND (p.kind = 'person' AND p.party_id = m.person_id
              OR p.kind = 'store' AND (m.everywhere OR EXISTS (
                   SELECT FROM role_grant g WHERE g.tenant_id = $1 AND g.member_id = m.id AND g.revoked_at IS NULL
                      AND g.starts_at <= $3 AND (g.ends_at IS NULL OR g.ends_at > $3)
                      AND (g.store_id IS NULL OR g.store_id = p.party_id))))) END
"""


async def people_of(read: Read, thread: UUID) -> list[UUID]:
    """Give the members who may read a thread now: whom a notification of a message is for."""
    return [row["person_id"] for row in await read.fetch(_PEOPLE, read.tenant, thread, read.now)]
