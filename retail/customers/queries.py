"""Reads of customers: the list, one of them, who else has its phone, and who a card belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from retail.customers.rules import dialled, phone_digits
from retail.customers.segmented import IN_SEGMENT, Segment
from retail.kit.errors import NotFound
from retail.kit.folding import folded
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.ordering import Key, Order, Orders

_ID: Final = Key("c.id", "id", UUID)
_NAME: Final = Key("c.sort_name", "sort_name", str)
BY_NAME: Final = Order("name", (_NAME, _ID))
AS_CHANGED: Final = Order("changed", (Key("c.updated_at", "updated_at", datetime), _ID))
ORDERS: Final = Orders(BY_NAME, AS_CHANGED.turned)
_WORD: Final = "strpos(c.search_text, {}) > 0"
_ANY_OF: Final = "(c.member_card = {} OR strpos(c.search_text, {}) > 0 OR strpos(c.search_text, {}) > 0)"
_FACTS: Final = """
SELECT c.id, c.name, c.phone, c.phone_digits, c.email, c.member_card, c.price_group, c.note, c.credit_limit_minor,
       c.merged_into, c.erased_at, c.version, c.created_at, c.updated_at, c.archived_at"""
_CUSTOMER: Final = f"{_FACTS}, c.sort_name FROM customer c WHERE c.tenant_id = $1"
_ALIKE: Final = f"""{_FACTS} FROM customer c
 WHERE c.tenant_id = $1 AND c.id <> $2 AND c.archived_at IS NULL
   AND (c.phone_digits = nullif($3, '') OR c.email = nullif($4, '')) ORDER BY c.sort_name, c.id LIMIT 5"""
_EXEMPTIONS: Final = """
SELECT e.id, e.reason, x.name AS tax, e.starts_on, e.ends_on FROM tax_exemption e
  LEFT JOIN tax_class x ON x.tenant_id = e.tenant_id AND x.id = e.tax_class_id
 WHERE e.tenant_id = $1 AND e.ended_at IS NULL AND e.customer_ref = ANY ($2)
 ORDER BY e.starts_on DESC, e.id LIMIT 50"""
# A merged card is its new owner's; who was erased has no card left to be found by.
_CARDS: Final = """
SELECT c.member_card, coalesce(c.merged_into, c.id) AS id FROM customer c
 WHERE c.tenant_id = $1 AND c.member_card = ANY ($2)"""

_NAMES: Final = """
SELECT c.id, o.name FROM customer c
  JOIN customer o ON o.tenant_id = c.tenant_id AND o.id = coalesce(c.merged_into, c.id)
 WHERE c.tenant_id = $1 AND c.id = ANY ($2) AND o.erased_at IS NULL"""


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """A customer as stored; the credit limit is in minor units of the business's currency."""

    id: UUID
    name: str
    phone: str
    phone_digits: str
    email: str
    member_card: str | None
    group: str | None
    note: str
    credit_limit_minor: int
    merged_into: UUID | None
    erased_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @property
    def reach(self) -> str:
        """Tell how to reach them: the phone, else the e-mail address."""
        return self.phone or self.email


@dataclass(frozen=True, slots=True)
class ExemptionFacts:
    """A tax that a customer need not pay; `tax` None: all of them."""

    id: UUID
    reason: str
    tax: str | None
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers a list asks for; `archived` None: both. `country` says how a number without a prefix is read.

    `phone` and `card` are whole ones. With `updated_since` in the order of their change, archived ones too.
    """

    text: str = ""
    archived: bool | None = False
    group: str = ""
    phone: str = ""
    card: str = ""
    updated_since: datetime | None = None
    country: str = ""
    segment: Segment | None = None


def narrowing(tenant: UUID, wanted: Wanted) -> Conditions:
    """Give the conditions of a list; $1 is the tenant."""
    where = Conditions(tenant)
    if wanted.archived is not None and wanted.updated_since is None:
        where.add("c.archived_at IS NOT NULL" if wanted.archived else "c.archived_at IS NULL")
    if wanted.updated_since is not None:
        where.add("c.updated_at >= {}", wanted.updated_since)
    if wanted.group:
        where.add("c.price_group = {}", wanted.group)
    if wanted.segment:
        where.add(IN_SEGMENT, wanted.segment)
    if wanted.phone:
        where.add("c.phone_digits = {}", phone_digits(wanted.phone, wanted.country) or wanted.phone)
    if wanted.card:
        where.add("c.member_card = {}", "".join(wanted.card.split()))
    numbers = dialled(wanted.text.strip(), wanted.country)
    if numbers:
        where.add(_ANY_OF, "".join(wanted.text.split()), numbers[0], numbers[-1])
    else:
        for word in folded(wanted.text).split():
            where.add(_WORD, word)
    return where


async def customers(
    read: Read, wanted: Wanted, *, limit: int, after: str | None = None, order: Order = BY_NAME
) -> Page[CustomerFacts]:
    """Give a page of customers. Raises Invalid for another list's cursor."""
    placed = order if wanted.updated_since is None else AS_CHANGED
    where = narrowing(read.tenant, wanted)
    placed.go_on(where, after)
    sql = f"{_CUSTOMER}{where.sql} ORDER BY {placed.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([_facts(row) for row in rows[:limit]], placed.following(rows, limit))


async def customer(read: Read, wanted: UUID) -> CustomerFacts:
    """Give one customer, archived or not. Raises NotFound."""
    row = await read.fetchrow(f"{_CUSTOMER} AND c.id = $2", read.tenant, wanted)
    if row is None:
        raise NotFound("customer")
    return _facts(row)


async def known(read: Read, wanted: UUID) -> CustomerFacts | None:
    """Give one customer, or None: a till may have sold to somebody who is not on file."""
    row = await read.fetchrow(f"{_CUSTOMER} AND c.id = $2", read.tenant, wanted)
    return None if row is None else _facts(row)


async def alike(read: Read, of: CustomerFacts) -> list[CustomerFacts]:
    """List others in use who have the same phone or e-mail address: perhaps the same person."""
    rows = await read.fetch(_ALIKE, read.tenant, of.id, of.phone_digits, of.email)
    return [_facts(row) for row in rows]


async def merged_ids(read: Read, of: UUID) -> list[UUID]:
    """Give the ids that stand for one person: the customer's, and of those that were merged into them."""
    rows = await read.fetch("SELECT id FROM customer WHERE tenant_id = $1 AND merged_into = $2", read.tenant, of)
    return [of, *(row["id"] for row in rows)]


async def by_card(read: Read, cards: Sequence[str]) -> dict[str, UUID]:
    """Tell whose cards these are, by card number; unknown ones are left out."""
    rows = await read.fetch(_CARDS, read.tenant, list(cards))
    return {row["member_card"]: row["id"] for row in rows}


async def names(read: Read, wanted: Sequence[UUID]) -> dict[UUID, str]:
    """Give the names of customers by id, a merged one's that of who it became; the erased and unknown are left out."""
    rows = await read.fetch(_NAMES, read.tenant, list(wanted))
    return {row["id"]: row["name"] for row in rows}


async def exemptions_of(read: Read, of: CustomerFacts) -> list[ExemptionFacts]:
    """List the taxes that a customer need not pay and that weren't ended, by their id or their card."""
    references = [str(of.id), *([of.member_card] if of.member_card else [])]
    return [ExemptionFacts(*row.values()) for row in await read.fetch(_EXEMPTIONS, read.tenant, references)]


async def groups(read: Read) -> list[str]:
    """List the groups that customers or price lists have, by name."""
    rows = await read.fetch(
        """SELECT price_group AS name FROM customer WHERE tenant_id = $1 AND price_group IS NOT NULL
           UNION SELECT customer_group FROM price_list WHERE tenant_id = $1 AND customer_group IS NOT NULL
           ORDER BY name LIMIT 200""",
        read.tenant,
    )
    return [row["name"] for row in rows]


def _facts(row: Row) -> CustomerFacts:
    named = {"group" if name == "price_group" else name: value for name, value in row.items() if name != "sort_name"}
    return CustomerFacts(**named)
