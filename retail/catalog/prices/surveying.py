"""What a rule comes to for many products, before anything changes: docs/algorithms/prices.md, section 6."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Final
from uuid import UUID

from retail.catalog.costs import costs
from retail.catalog.lists.wanted import narrow_to_words
from retail.catalog.prices import reading
from retail.catalog.prices.ahead import AHEAD
from retail.catalog.prices.reckoning import Proposal, Rule, Subject, goes_against, goes_too_far, margin, propose
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row

SHOWN: Final = 200
_UNKNOWN: Final = Decimal(0)
_Outcome = tuple[Proposal, bool, bool]
"""A new price, whether it goes against the rule, and whether it goes too far."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which products on sale a batch is about: words, a category with all that lies in it, a tag, or ids."""

    text: str = ""
    category: UUID | None = None
    tag: str = ""
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch does: a rule, to which products; `of` is the list whose prices it sets, None: their own prices.

    `at` is the moment from which it holds (None: now): the rule is worked out on what holds right before it.
    """

    rule: Rule
    choice: Choice
    of: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one product; margins in basis points, None where the cost isn't known."""

    product: UUID
    sku: str
    name: str
    before_minor: int | None
    after: Proposal
    margin_before: int | None
    margin_after: int | None
    against: bool = False
    """Its ending turns the rule round: a cut raises this price above the product's own."""
    too_far: bool = False
    """Its ending takes it more than twice as far as the rule says."""

    @property
    def changes(self) -> bool:
        """Whether its price becomes another one."""
        return self.after.problem is None and self.after.price_minor != self.before_minor


@dataclass(frozen=True, slots=True)
class Survey:
    """What a batch comes to: how many change, how many stay and why not, and some in full, the odd ones first.

    `against`: how many go the other way than the rule, `too_far`: more than twice as far. `mark` is the same only where
    the very same prices come out.
    """

    changing: int
    staying: int
    problems: Mapping[str, int]
    lines: Sequence[Line]
    against: int
    too_far: int
    mark: str


# One pass over the plans, not one look-up for each product: there may be a hundred thousand.
_LAST: Final = f"""
SELECT DISTINCT ON (a.product_id) a.product_id, a.to_minor {AHEAD} AND a.effective_at <= $3"""
PRODUCTS: Final = f"""
SELECT p.id, p.sku, p.name, coalesce(own.to_minor, p.price_minor) AS price_minor,
       CASE WHEN listed.product_id IS NULL THEN i.price_minor ELSE listed.to_minor END AS list_minor, x.rate_micros
  FROM product p
  JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
  LEFT JOIN list_price i ON i.tenant_id = $1 AND i.list_id = $2 AND i.product_id = p.id AND i.min_quantity = 0
  LEFT JOIN ({_LAST} AND a.list_id IS NULL ORDER BY a.product_id, a.effective_at DESC, a.id DESC) own
         ON own.product_id = p.id
  LEFT JOIN ({_LAST} AND a.list_id = $2 ORDER BY a.product_id, a.effective_at DESC, a.id DESC) listed
         ON listed.product_id = p.id
 WHERE p.tenant_id = $1 AND p.archived_at IS NULL
"""  # noqa: S608 - of constants
_INSIDE: Final = """p.category_id IN (
  WITH RECURSIVE inside AS (SELECT {}::uuid AS id UNION
    SELECT c.id FROM category c JOIN inside i ON c.parent_id = i.id WHERE c.tenant_id = $1) SELECT id FROM inside)"""


class _Tally:
    """What was added up so far; `odd` rows stand with whether they don't go against the rule."""

    def __init__(self, plan: Plan) -> None:
        self.mark = hashlib.sha256(repr((plan.rule, plan.of)).encode())
        self.problems: Counter[str] = Counter()
        self.odd: list[tuple[bool, Row]] = []
        self.plain: list[Row] = []
        self.changing = self.against = self.too_far = 0

    def add(self, row: Row, before: int | None, outcome: _Outcome) -> None:
        after, turns, leaps = outcome
        self.against += turns
        self.too_far += leaps
        if after.problem is not None:
            self.problems[after.problem] += 1
        elif after.price_minor != before:
            self.changing += 1
            self.mark.update(f"{row['id']} {before} {after.price_minor}\n".encode())
        if turns or leaps:
            if len(self.odd) < SHOWN:
                self.odd.append((not turns, row))
        elif len(self.plain) < SHOWN:
            self.plain.append(row)

    @property
    def told(self) -> list[Row]:
        """Give those that are shown, the odd ones first."""
        return [*(row for _turns, row in sorted(self.odd, key=itemgetter(0))), *self.plain][:SHOWN]


async def survey(read: Read, plan: Plan) -> Survey:
    """Work a plan out without changing anything. Reads every product that it is about."""
    conditions = narrowed(read.tenant, plan)
    rows = await read.fetch(f"{PRODUCTS}{conditions.sql} ORDER BY p.sort_name, p.id", *conditions.args)
    include = (await reading.terms(read)).prices_include_tax
    known = await costs(read, [row["id"] for row in rows]) if plan.rule.kind == "margin" else {}
    outcomes: dict[tuple[int, int, Decimal], _Outcome] = {}  # many products have one price: each is worked out once
    sums = _Tally(plan)
    for row in rows:
        key = row["price_minor"], row["rate_micros"], known.get(row["id"], _UNKNOWN)
        if key not in outcomes:
            outcomes[key] = _outcome(plan.rule, *key, include=include)
        sums.add(row, _before(row, plan), outcomes[key])
    staying = len(rows) - sums.changing - sum(sums.problems.values())
    lines = await _told(read, sums.told, plan, include=include)
    mark = sums.mark.hexdigest()[:32]
    return Survey(sums.changing, staying, dict(sums.problems), lines, sums.against, sums.too_far, mark)


async def _told(read: Read, rows: Sequence[Row], plan: Plan, *, include: bool) -> list[Line]:
    """Work rows out in full: what goods cost is looked up for those that are shown alone."""
    known = await costs(read, [row["id"] for row in rows])
    return [line_of(row, plan, known[row["id"]], include=include) for row in rows]


def _outcome(rule: Rule, price: int, rate: int, cost: Decimal, *, include: bool) -> _Outcome:
    after = propose(rule, Subject(price, cost, rate, include))
    return after, goes_against(rule, price, after), goes_too_far(rule, price, after)


def _before(row: Row, plan: Plan) -> int | None:
    before: int | None = row["price_minor" if plan.of is None else "list_minor"]
    return before


async def counted(read: Read, plan: Plan) -> int:
    """Count the products that a plan is about."""
    conditions = narrowed(read.tenant, plan)
    # conditions are written in this package
    sql = f"SELECT count(*) FROM ({PRODUCTS}{conditions.sql}) AS found"  # noqa: S608
    found: int = await read.fetchval(sql, *conditions.args)
    return found


def narrowed(tenant: UUID, plan: Plan) -> Conditions:
    """Give what narrows PRODUCTS down to those of a plan."""
    choice = plan.choice
    conditions = Conditions(tenant, plan.of, plan.at)
    if choice.ids:
        conditions.add("p.id = ANY({})", list(choice.ids))
    if choice.category is not None:
        conditions.add(_INSIDE, choice.category)
    if choice.tag:
        conditions.add("p.tags @> ARRAY[{}::text]", choice.tag)
    narrow_to_words(conditions, choice.text)
    return conditions


def line_of(row: Row, plan: Plan, cost: Decimal, *, include: bool) -> Line:
    """Work out what becomes of a product that costs `cost`, in minor units; `include`: prices are with tax."""
    price, rate, before = row["price_minor"], row["rate_micros"], _before(row, plan)
    after, turns, leaps = _outcome(plan.rule, price, rate, cost, include=include)
    return Line(
        row["id"],
        row["sku"],
        row["name"],
        before,
        after,
        margin(before or 0, cost, rate, prices_include_tax=include),
        margin(after.price_minor, cost, rate, prices_include_tax=include),
        turns,
        leaps,
    )
