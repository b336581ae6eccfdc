"""Reads of stored value: a card by its code, cards in a list, what a customer has, and an account's statement."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from retail.kit.errors import NotFound
from retail.kit.paging import Page
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row
from retail.runtime.keys import Keyring
from retail.runtime.ordering import Key, Order, Orders
from retail.value.rules import GIFT_CARD, Held, read_code

KEY: Final = "value"
_PURPOSE: Final = "code"
_ID: Final = Key("a.id", "id", UUID)
NEWEST: Final = Order("newest", (Key("a.created_at", "created_at", datetime), _ID), descending=True)
ORDERS: Final = Orders(NEWEST)
_MOVES: Final = Order("when", (Key("m.at", "at", datetime), Key("m.id", "id", UUID)), descending=True)
_ACCOUNT: Final = """
SELECT a.id, a.kind, a.customer_id, a.last_four, a.balance_minor, a.expires_on, a.blocked_at, a.created_at,
       ($2::timestamptz AT TIME ZONE t.timezone)::date AS today,
       CASE WHEN a.kind = 'account' THEN -k.credit_limit_minor - coalesce((
         SELECT sum(o.balance_minor)
           FROM value_account o JOIN customer oc ON oc.tenant_id = $1 AND oc.id = o.customer_id
          WHERE o.tenant_id = $1 AND o.kind = 'account' AND o.id <> a.id AND coalesce(oc.merged_into, oc.id) = k.id), 0)
       ELSE 0 END::bigint AS floor_minor
  FROM value_account a
  JOIN tenant t ON t.id = a.tenant_id
  LEFT JOIN customer c ON c.tenant_id = a.tenant_id AND c.id = a.customer_id
  LEFT JOIN customer k ON k.tenant_id = a.tenant_id AND k.id = coalesce(c.merged_into, c.id)
 WHERE a.tenant_id = $1"""
_STATEMENT: Final = """
SELECT m.id, m.account_id, m.cause, m.amount_minor, m.lacking_minor, m.balance_after_minor, m.source_id, m.reason,
       m.actor_name, m.at, s.id AS sale
  FROM value_move m LEFT JOIN sale s ON s.tenant_id = m.tenant_id AND s.id = m.source_id
 WHERE m.tenant_id = $1"""
_OF_PERSON: Final = """ AND a.kind <> 'gift_card' AND (a.customer_id = $3 OR a.customer_id IN
  (SELECT id FROM customer WHERE tenant_id = $1 AND merged_into = $3)) ORDER BY a.kind DESC, a.id"""

_MAY_OWE: Final = """
SELECT true FROM customer c
 WHERE c.tenant_id = $1 AND c.id = $2 AND c.merged_into IS NULL AND c.credit_limit_minor > 0 AND NOT EXISTS (
   SELECT 1 FROM value_account a LEFT JOIN customer o ON o.tenant_id = $1 AND o.id = a.customer_id
    WHERE a.tenant_id = $1 AND a.kind = 'account' AND (a.customer_id = c.id OR o.merged_into = c.id))"""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A card or a customer's account; `spendable_minor` is what may be taken from it today."""

    id: UUID
    kind: str
    customer: UUID | None
    last_four: str | None
    balance_minor: int
    expires_on: date | None
    blocked_at: datetime | None
    created_at: datetime
    spendable_minor: int
    expired: bool


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """A line of a statement; `sale` where a sale on file made it."""

    id: UUID
    account: UUID
    cause: str
    amount_minor: int
    lacking_minor: int
    balance_after_minor: int
    source: UUID
    reason: str
    actor_name: str
    at: datetime
    sale: UUID | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cards a list asks for: by the last digits of their code, and by what state they are in."""

    last_four: str = ""
    state: str = ""


def code_mac(keyring: Keyring, tenant: UUID, code: str, version: int | None = None) -> bytes:
    """Give what stands for a code in the database: the newest key's unless a version is named."""
    secret = keyring.derive(KEY, _PURPOSE, version)
    return hmac.digest(secret, tenant.bytes + code.encode(), "sha256")


async def find(read: Read, keyring: Keyring, text: str) -> AccountFacts | None:
    """Find a gift card by its code, under any version of the key; None for what is no code or nobody's."""
    code = read_code(text)
    if code is None:
        return None
    macs = [code_mac(keyring, read.tenant, code, version) for version in keyring.versions(KEY)]
    row = await read.fetchrow(f"{_ACCOUNT} AND a.code_mac = ANY ($3)", read.tenant, read.now, macs)
    return None if row is None else _facts(row)


async def account(read: Read, id: UUID) -> AccountFacts:
    """Give one account. Raises NotFound."""
    row = await read.fetchrow(f"{_ACCOUNT} AND a.id = $3", read.tenant, read.now, id)
    if row is None:
        raise NotFound("value_account")
    return _facts(row)


async def card(read: Read, id: UUID) -> AccountFacts:
    """Give one gift card. Raises NotFound, also for another kind of account."""
    found = await account(read, id)
    if found.kind != GIFT_CARD:
        raise NotFound("gift_card")
    return found


async def accounts_of(read: Read, customer: UUID) -> list[AccountFacts]:
    """List what a customer has, of those who were merged into them too: store credit first."""
    rows = await read.fetch(_ACCOUNT + _OF_PERSON, read.tenant, read.now, customer)
    return [_facts(row) for row in rows]


async def needs_account(read: Read, customer: UUID) -> bool:
    """Claim that a customer may owe us, by their credit limit, and has no account yet to owe on."""
    return await read.fetchval(_MAY_OWE, read.tenant, customer) is not None


async def cards(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[AccountFacts]:
    """Give a page of gift cards, the newest first. Raises Invalid for another list's cursor."""
    where = Conditions(read.tenant, read.now)
    where.add("a.kind = 'gift_card'")
    if wanted.last_four:
        where.add("a.last_four = {}", wanted.last_four)
    if wanted.state == "blocked":
        where.add("a.blocked_at IS NOT NULL")
    elif wanted.state == "spent":
        where.add("a.balance_minor = 0")
    elif wanted.state == "open":
        where.add("a.balance_minor > 0 AND a.blocked_at IS NULL")
    NEWEST.go_on(where, after)
    sql = f"{_ACCOUNT}{where.sql} ORDER BY {NEWEST.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([_facts(row) for row in rows[:limit]], NEWEST.following(rows, limit))


async def statement(read: Read, of: list[UUID] | None, *, limit: int, after: str | None = None) -> Page[MoveFacts]:
    """Give a page of the moves of accounts (None: all), the newest first. Raises Invalid for another list's cursor."""
    where = Conditions(read.tenant)
    if of is not None:
        where.add("m.account_id = ANY ({})", of)
    _MOVES.go_on(where, after)
    sql = f"{_STATEMENT}{where.sql} ORDER BY {_MOVES.sql} LIMIT {int(limit) + 1}"
    rows = await read.fetch(sql, *where.args)
    return Page([MoveFacts(*row.values()) for row in rows[:limit]], _MOVES.following(rows, limit))


async def outstanding(read: Read) -> tuple[int, int]:
    """Count the gift cards that have something on them, and add up what."""
    row = await read.fetchrow(
        """SELECT count(*)::int, coalesce(sum(balance_minor), 0)::bigint FROM value_account
            WHERE tenant_id = $1 AND kind = 'gift_card' AND balance_minor > 0""",
        read.tenant,
    )
    return (row[0], row[1]) if row else (0, 0)


def _facts(row: Row) -> AccountFacts:
    held = Held(
        row["id"], row["kind"], row["balance_minor"], row["floor_minor"] or 0, row["blocked_at"], row["expires_on"],
        row["today"],
    )  # fmt: skip
    expired = row["expires_on"] is not None and row["expires_on"] < row["today"]
    return AccountFacts(
        row["id"], row["kind"], row["customer_id"], row["last_four"], row["balance_minor"], row["expires_on"],
        row["blocked_at"], row["created_at"], held.spendable_minor, expired,
    )  # fmt: skip
