"""What a rule comes to for many products, before anything changes: docs/algorithms/prices.md, section 6."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.catalog.costs import costs
from retail.catalog.lists.wanted import narrow_to_words
from retail.catalog.prices import reading
from retail.catalog.prices.reckoning import Proposal, Rule, Subject, goes_against, goes_too_far, margin, propose
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """Which products on sale a batch is about: words, a category with all that lies in it, a tag, or ids."""

    text: str = ""
    category: UUID | None = None
    tag: str = ""
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch does: a rule, to which products; `of` is the list whose prices it sets, None: their own prices."""

    rule: Rule
    choice: Choice
    of: UUID | None = None


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


PRODUCTS: Final = """
SELECT p.id, p.sku, p.name, p.price_minor, i.price_minor AS list_minor, x.rate_micros
  FROM product p
  JOIN tax_class x ON x.tenant_id = $1 AND x.id = p.tax_class_id
  LEFT JOIN list_price i ON i.tenant_id = $1 AND i.list_id = $2 AND i.product_id = p.id AND i.min_quantity = 0
 WHERE p.tenant_id = $1 AND p.archived_at IS NULL
"""
_INSIDE: Final = """p.category_id IN (
  WITH RECURSIVE inside AS (SELECT {}::uuid AS id UNION
    SELECT c.id FROM category c JOIN inside i ON c.parent_id = i.id WHERE c.tenant_id = $1) SELECT id FROM inside)"""


async def survey(read: Read, plan: Plan) -> Survey:
    """Work a plan out without changing anything. Reads every product that it is about."""
    conditions = narrowed(read.tenant, plan)
    rows = await read.fetch(f"{PRODUCTS}{conditions.sql} ORDER BY p.sort_name, p.id", *conditions.args)
    include, known = (await reading.terms(read)).prices_include_tax, await costs(read, [row["id"] for row in rows])
    problems: Counter[str] = Counter()
    mark = hashlib.sha256(repr((plan.rule, plan.of)).encode())
    odd: list[Line] = []
    shown: list[Line] = []
    changing = against = too_far = 0
    for row in rows:
        line = line_of(row, plan, known[row["id"]], include=include)
        changing += line.changes
        against += line.against
        too_far += line.too_far
        if line.changes:
            mark.update(f"{line.product} {line.before_minor} {line.after.price_minor}\n".encode())
        if line.after.problem is not None:
            problems[line.after.problem] += 1
        some = odd if line.against or line.too_far else shown
        if len(some) < SHOWN:
            some.append(line)
    staying = len(rows) - changing - sum(problems.values())
    odd.sort(key=lambda line: not line.against)
    lines = [*odd, *shown][:SHOWN]
    return Survey(changing, staying, dict(problems), lines, against, too_far, mark.hexdigest()[:32])


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
    conditions = Conditions(tenant, plan.of)
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
    price, rate = row["price_minor"], row["rate_micros"]
    before = price if plan.of is None else row["list_minor"]
    after = propose(plan.rule, Subject(price, cost, rate, include))
    return Line(
        row["id"],
        row["sku"],
        row["name"],
        before,
        after,
        margin(before or 0, cost, rate, prices_include_tax=include),
        margin(after.price_minor, cost, rate, prices_include_tax=include),
        goes_against(plan.rule, price, after),
        goes_too_far(plan.rule, price, after),
    )
