"""Customers as a kind of rows: found by card, phone or e-mail, stored by the verbs that pages use.

A row is found by what its file is matched by, then by the others; by the name only where there is nothing else on
either side. So an export comes in again without a change.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import Ways
from retail.automation.columns import Column, said
from retail.automation.kinds.base import Given, Reason, Settled, Terms, Verdict, compared, overtaken, read_cells
from retail.automation.kinds.customer_columns import CUSTOMERS
from retail.customers import operations
from retail.customers.rules import Customer, phone_digits, problems, tidied
from retail.identity.permissions import EDIT_CUSTOMERS
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Tx
from retail.tenants.queries import this_tenant

_PREFETCH: Final = 1_000
_WAYS: Final = ("member_card", "phone", "email")
_PRESENT: Final = """
SELECT c.id, c.name, c.phone, c.phone_digits, c.email, coalesce(c.member_card, '') AS member_card,
       coalesce(c.price_group, '') AS "group", c.note, nullif(c.credit_limit_minor, 0) AS credit_limit, c.archived_at
  FROM customer c WHERE c.tenant_id = $1"""
_MEANT: Final = f"""{_PRESENT} AND c.erased_at IS NULL AND c.merged_into IS NULL
   AND (c.member_card = ANY ($2) OR c.phone_digits = ANY ($3) OR c.email = ANY ($4)
        OR (c.sort_name = ANY ($5) AND c.member_card IS NULL AND c.phone_digits = '' AND c.email = ''))"""

Present = dict[str, Any]


@dataclass(slots=True)
class Known:
    """The customers that rows may mean, by each way in which they are found; `country` of numbers without a prefix."""

    country: str = ""
    found: dict[str, dict[str, list[Present]]] = field(default_factory=lambda: {way: {} for way in (*_WAYS, "name")})


@dataclass(slots=True)
class Seen:
    """What the file's rows have claimed so far: cards, and customers; with their lines."""

    cards: dict[str, int] = field(default_factory=dict)
    subjects: dict[UUID, int] = field(default_factory=dict)


class Customers:
    """Rows of customers."""

    name: str = "customers"
    label: str = said("Customers")
    columns: tuple[Column, ...] = CUSTOMERS
    permission: str = EDIT_CUSTOMERS
    matches: tuple[str, ...] = (*_WAYS, "name")

    def begin(self) -> Seen:
        """Begin to remember rows."""
        return Seen()

    async def known(self, read: Read, given: Sequence[Given], _terms: Terms) -> Known:
        """Read what rows refer to."""
        known = Known((await this_tenant(read)).country)
        words: dict[str, set[str]] = {way: set() for way in (*_WAYS, "name")}
        for row in given:
            for way, word in _words(row.cells, known.country).items():
                words[way].add(word)
        there = await read.fetch(_MEANT, read.tenant, *(list(words[way]) for way in (*_WAYS, "name")))
        for one in there:
            present: Present = dict(one)
            own = {"member_card": one["member_card"], "phone": one["phone_digits"], "email": one["email"]}
            kept = {way: word for way, word in own.items() if word} or {"name": one["name"].lower()}
            for way, word in kept.items():
                known.found[way].setdefault(word, []).append(present)
        return known

    def judge(self, given: Sequence[Given], known: Known, terms: Terms, seen: Seen) -> list[Verdict]:
        """Say of each row what it comes to."""
        return [_judge(row, known, terms, seen) for row in given]

    async def settle(self, _read: Read, _seen: Seen) -> Settled:
        """Find nothing more: rows don't refer to each other."""
        return Settled({}, {}, {})

    async def lock(self, tx: Tx) -> None:
        """Have the customers to oneself."""
        await operations.lock_customers(tx)

    async def store(self, tx: Tx, verdicts: Sequence[Verdict], _known: Known) -> None:
        """Add and change customers."""
        for one in verdicts:
            if one.state == "new":
                await operations.add_customer(tx, one.subject or new_id(), one.made)
            elif one.subject is not None:
                await operations.change_customer(tx, one.subject, one.made)

    def chosen(self, read: Read, narrowed: Conditions | None) -> tuple[str, Sequence[Any]]:
        """Read customers; without conditions those in use."""
        where = narrowed or Conditions(read.tenant)
        if narrowed is None:
            where.add("c.archived_at IS NULL")
        return f"{_PRESENT}{where.sql}", where.args

    async def listed(self, read: Read, ways: Ways, narrowed: Conditions | None) -> AsyncIterator[list[str]]:
        """Give customers as rows, by name."""
        sql, given = self.chosen(read, narrowed)
        async for row in read.conn.cursor(f"{sql} ORDER BY c.sort_name, c.id", *given, prefetch=_PREFETCH):
            yield [
                "" if (value := row[column.name]) is None else column.sort.write(value, ways) for column in self.columns
            ]


def _words(cells: Mapping[str, str], country: str) -> dict[str, str]:
    """Give what a row can be found by, as stored customers have it."""
    typed = {way: cells.get(way, "").strip() for way in (*_WAYS, "name")}
    words = {
        "member_card": "".join(typed["member_card"].split()),
        "phone": phone_digits(typed["phone"], country) or "",
        "email": typed["email"].lower(),
    }
    kept = {way: word for way, word in words.items() if word}
    return kept or ({"name": " ".join(typed["name"].split()).lower()} if typed["name"] else {})


def _judge(row: Given, known: Known, terms: Terms, seen: Seen) -> Verdict:
    present, wrong = _subject(row, known, terms)
    values, reasons = read_cells(row, terms, present)
    name = values.get("name") or row.cells.get("name", "").strip() or (present["name"] if present else "")
    subject = present["id"] if present else row.subject or new_id()
    verdict = Verdict(row.line, "refused", name, subject, reasons=reasons + wrong)
    if present is None and "name" not in values and not reasons:
        verdict.reasons.append(Reason("", _("This customer is new, and the file lacks the column for its name.")))
    if verdict.reasons:
        return verdict
    full = {column.name: column.sort.empty for column in CUSTOMERS} | (present or {}) | values
    verdict.changes = compared({name: value for name, value in values.items() if present}, present or {}, terms)
    verdict.reasons += overtaken(verdict.changes, row)
    if present is None or verdict.changes:
        verdict.made, told = _made(full, known.country)
        verdict.reasons += told + _collisions(verdict.made, subject, known)
        if present is not None and present["archived_at"] is not None:
            verdict.reasons.append(Reason("", _("This customer is archived. Bring it back first.")))
    verdict.reasons += _twice(row, full, subject, seen)
    if not verdict.reasons:
        verdict.state = "new" if present is None else "changed" if verdict.changes else "same"
    return verdict


def _subject(row: Given, known: Known, terms: Terms) -> tuple[Present | None, list[Reason]]:
    """Find the customer that a row means; a new one is none, and of several with one phone the one of that name."""
    words = _words(row.cells, known.country)
    name = " ".join(row.cells.get("name", "").split()).lower()
    for way in (terms.match_by, *_WAYS, "name"):
        found = known.found.get(way, {}).get(words.get(way, ""), [])
        if len(found) > 1:
            found = [one for one in found if one["name"].lower() == name]
            if len(found) != 1:
                said = _("Several customers have this. Add the number of the card, or merge them first.")
                return None, [Reason(way, said)]
        if found:
            return found[0], []
    return None, []


def _made(full: Mapping[str, Any], country: str) -> tuple[Customer, list[Reason]]:
    """Make a customer of a row's values, with all that is wrong with them."""
    names = ("name", "phone", "email", "member_card", "group", "note")
    made = tidied(Customer(credit_limit_minor=full["credit_limit"] or 0, **{name: full[name] for name in names}))
    return made, [Reason(name, sentence) for name, said in problems(made, country).items() for sentence in said]


def _collisions(made: Customer, subject: UUID, known: Known) -> list[Reason]:
    """Say that a row would take somebody's card."""
    owners = known.found["member_card"].get(made.member_card or "", [])
    said = _("Another customer has this card. Use another one, or open that customer.")
    return [Reason("member_card", said) for owner in owners if owner["id"] != subject]


def _twice(row: Given, full: Mapping[str, Any], subject: UUID, seen: Seen) -> list[Reason]:
    """Refuse what an earlier row has claimed already, and claim the rest."""
    said = _("This customer stands in the file twice; the row on line %(line)d counts.")
    card = "".join(str(full["member_card"] or "").split())
    if (line := seen.subjects.get(subject)) is not None:
        return [Reason("name", said % {"line": line})]
    if card and (line := seen.cards.get(card)) is not None:
        return [Reason("member_card", said % {"line": line})]
    seen.subjects[subject] = row.line
    if card:
        seen.cards[card] = row.line
    return []
