"""The rules of a business's codes: how labels are read, in order; how own barcodes begin; the letters of categories."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from retail.catalog.codes.errors import LayoutHidden, PrefixInUse, PrefixRead
from retail.catalog.codes.layouts import Layout, hidden_by, layout_of, layout_problem, overlaps
from retail.catalog.codes.numbering import code_rule, save_code_rule
from retail.catalog.codes.series import NO_CATEGORY
from retail.catalog.operations import lock_catalogue
from retail.catalog.queries import categories
from retail.kit.barcode import SHOP_PREFIXES
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Read, Tx

MOST_LAYOUTS: Final = 30


@dataclass(frozen=True, slots=True)
class Rule:
    """A layout with the name that people gave it."""

    id: UUID
    name: str
    layout: Layout


@dataclass(frozen=True, slots=True)
class Series:
    """A category's letters, None while it has none, with the last number of each year that has one."""

    category: UUID
    name: str
    letters: str | None
    last: tuple[tuple[int, int], ...]


async def layout_rules(read: Read) -> list[Rule]:
    """Give the rules in the order in which they are tried."""
    rows = await read.fetch(
        "SELECT id, name, pattern, decimals FROM barcode_layout WHERE tenant_id = $1 ORDER BY position, id", read.tenant
    )
    return [Rule(row["id"], row["name"], Layout(row["pattern"], row["decimals"])) for row in rows]


async def layouts(read: Read) -> list[Layout]:
    """Give the layouts alone, as scans are read by them."""
    return [rule.layout for rule in await layout_rules(read)]


async def layout_rule(read: Read, id: UUID) -> Rule:
    """Give one rule. Raises NotFound."""
    for rule in await layout_rules(read):
        if rule.id == id:
            return rule
    raise NotFound("barcode_layout")


async def save_layout(tx: Tx, id: UUID, name: str, text: str) -> None:
    """Change a rule, or add it as the last one. Raises Invalid, LayoutHidden, PrefixInUse."""
    await lock_catalogue(tx)
    wrong = layout_problem(text)
    if wrong:
        raise Invalid({"pattern": [wrong]})
    rules = await layout_rules(tx)
    old = next((rule for rule in rules if rule.id == id), None)
    made = Rule(id, name, layout_of(text))
    after = [made if rule.id == id else rule for rule in rules] if old else [*rules, made]
    if len(after) > MOST_LAYOUTS:
        raise Invalid(
            {"": [_("A business has at most %(most)d barcode rules. Remove one first.") % {"most": MOST_LAYOUTS}]}
        )
    own = (await code_rule(tx)).prefix
    if overlaps(made.layout, own):
        raise PrefixInUse(own)
    await _store(tx, after)
    told = {"name": made.name, "pattern": made.layout.text}
    if old is None:
        tx.audit("barcode_layout.added", "barcode_layout", id, after=told)
    else:
        before = {"name": old.name, "pattern": old.layout.text}
        tx.audit("barcode_layout.changed", "barcode_layout", id, name=made.name, **changed(before, told))


async def remove_layout(tx: Tx, id: UUID) -> None:
    """Read no labels by this rule any more. Raises NotFound."""
    await lock_catalogue(tx)
    gone = await layout_rule(tx, id)
    await _store(tx, [rule for rule in await layout_rules(tx) if rule.id != id])
    tx.audit("barcode_layout.removed", "barcode_layout", id, before={"name": gone.name, "pattern": gone.layout.text})


async def move_layout(tx: Tx, id: UUID, way: Literal["up", "down"]) -> None:
    """Try a rule before the one above it, or after the one below. Raises NotFound, LayoutHidden."""
    await lock_catalogue(tx)
    rules = await layout_rules(tx)
    place = next((at for at, rule in enumerate(rules) if rule.id == id), None)
    if place is None:
        raise NotFound("barcode_layout")
    other = place + (-1 if way == "up" else 1)
    if not 0 <= other < len(rules):
        return
    rules[place], rules[other] = rules[other], rules[place]
    await _store(tx, rules)
    tx.audit("barcode_layout.moved", "barcode_layout", id, name=rules[other].name, place=other + 1)


async def _store(tx: Tx, rules: Sequence[Rule]) -> None:
    """Put all rules in place of those that were there. Raises LayoutHidden where one would never have its turn."""
    for place, rule in enumerate(rules):
        hider = hidden_by(rule.layout, [other.layout for other in rules[:place]])
        if hider is not None:
            raise LayoutHidden(next(other.name for other in rules if other.layout is hider))
    await tx.execute("DELETE FROM barcode_layout WHERE tenant_id = $1", tx.tenant)
    await tx.execute(
        """INSERT INTO barcode_layout (tenant_id, id, position, name, pattern, decimals)
           SELECT $1, u.id, u.place, u.name, u.pattern, u.decimals
             FROM unnest($2::uuid[], $3::text[], $4::text[], $5::smallint[])
                  WITH ORDINALITY AS u (id, name, pattern, decimals, place)""",
        tx.tenant,
        [rule.id for rule in rules],
        [rule.name for rule in rules],
        [rule.layout.pattern for rule in rules],
        [rule.layout.decimals for rule in rules],
    )


async def set_code_rule(tx: Tx, prefix: str, *, always: bool, matching: bool = True) -> None:
    """Have own barcodes begin with `prefix` from now on; those that were made stay. Raises Invalid, PrefixRead."""
    await lock_catalogue(tx)
    if prefix not in SHOP_PREFIXES:
        raise Invalid({"prefix": [_("Pick one of the choices.")]})
    for rule in await layout_rules(tx):
        if overlaps(rule.layout, prefix):
            raise PrefixRead(rule.name)
    now = await code_rule(tx)
    await save_code_rule(tx, replace(now, prefix=prefix, always=always, matching=matching))
    told = changed(
        {"prefix": now.prefix, "always": now.always, "matching": now.matching},
        {"prefix": prefix, "always": always, "matching": matching},
    )
    if told:
        tx.audit("codes.rule_changed", "tenant", tx.tenant, **told)


async def category_series(read: Read) -> list[Series]:
    """Give every category's letters and last numbers, by name."""
    rows = await read.fetch(
        """SELECT c.id, c.name, c.sku_letters,
                  ARRAY(SELECT ARRAY[s.year::integer, s.last] FROM sku_series s
                         WHERE s.tenant_id = $1 AND s.letters = c.sku_letters ORDER BY s.year DESC) AS last
             FROM category c WHERE c.tenant_id = $1 ORDER BY lower(c.name), c.id""",
        read.tenant,
    )
    called = {one.id: one.called for one in await categories(read)}
    return [
        Series(row["id"], called[row["id"]], row["sku_letters"], tuple((y, n) for y, n in row["last"])) for row in rows
    ]


async def set_letters(tx: Tx, wanted: Mapping[UUID, str]) -> None:
    """Give the next SKUs of categories other letters, all or none; those that were given stay, and two may be swapped.

    Raises Invalid, with the sentences of each category under its id, and NotFound.
    """
    await lock_catalogue(tx)
    rows = await tx.fetch(
        "SELECT id, name, sku_letters FROM category WHERE tenant_id = $1 ORDER BY lower(name), id", tx.tenant
    )
    known = {row["id"]: row for row in rows}
    if not wanted.keys() <= known.keys():
        raise NotFound("category")
    asked = {id: wanted[id] for id in known if wanted.get(id, known[id]["sku_letters"]) != known[id]["sku_letters"]}
    holders = {row["sku_letters"]: row["id"] for row in rows if row["id"] not in asked}
    errors: dict[str, list[str]] = {}
    for id, letters in asked.items():
        if not re.fullmatch("[A-Z]{2}", letters) or letters == NO_CATEGORY:
            errors[str(id)] = [_("Use two letters from A to Z. XX is for products without a category.")]
        elif holders.setdefault(letters, id) != id:
            named = {"name": known[holders[letters]]["name"]}
            errors[str(id)] = [_("The category %(name)s has these letters. Choose others.") % named]
    if errors:
        raise Invalid(errors)
    await tx.execute(
        "UPDATE category SET sku_letters = NULL WHERE tenant_id = $1 AND id = ANY ($2)", tx.tenant, list(asked)
    )
    await tx.execute(
        """UPDATE category c SET sku_letters = w.letters FROM unnest($2::uuid[], $3::text[]) AS w (id, letters)
            WHERE c.tenant_id = $1 AND c.id = w.id""",
        tx.tenant, list(asked), list(asked.values()),
    )  # fmt: skip
    for id, letters in asked.items():
        told = changed({"letters": known[id]["sku_letters"]}, {"letters": letters})
        tx.audit("codes.letters_changed", "category", id, name=known[id]["name"], **told)
