"""Storing traits: with their products, behind the lock of the catalogue's head, all of a set or none."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from retail.catalog.products.measuring import parts_problem
from retail.catalog.products.scheduling import look_again
from retail.catalog.products.traits import GOODS, KIT, SERVICE, Traits, holders, kit_problem, problems
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Read, Tx

Given = Mapping[UUID, tuple[str, Traits]]
"""Traits by product, with the unit it is sold by."""

_UPDATE: Final = """
UPDATE product p
   SET kind = u.kind, open_price = u.open_price, min_age = u.min_age, deposit_id = u.deposit_id,
       tags = ARRAY(SELECT jsonb_array_elements_text(u.tags)), attributes = u.attributes, notes = u.notes,
       available_from = u.available_from, available_until = u.available_until, on_sale = u.on_sale,
       tracking = u.tracking, content_milli = u.content_milli, content_unit = u.content_unit
  FROM json_to_recordset($2::json) AS u (
         id uuid, kind text, open_price boolean, min_age smallint, deposit_id uuid, tags jsonb, attributes json,
         notes text, available_from timestamptz, available_until timestamptz, on_sale boolean, tracking text,
         content_milli bigint, content_unit text)
 WHERE p.tenant_id = $1 AND p.id = u.id
"""
_OLD_PARTS: Final = "DELETE FROM component WHERE tenant_id = $1 AND kit_id = ANY ($2)"
_OLD_GROUPS: Final = "DELETE FROM product_modifier_group WHERE tenant_id = $1 AND product_id = ANY ($2)"
_PARTS: Final = """
INSERT INTO component (tenant_id, kit_id, part_id, quantity, position)
SELECT $1, u.kit_id, u.part_id, u.quantity, u.position
  FROM unnest($2::uuid[], $3::uuid[], $4::numeric[], $5::integer[]) AS u (kit_id, part_id, quantity, position)
"""
_GROUPS: Final = """
INSERT INTO product_modifier_group (tenant_id, product_id, group_id, position)
SELECT $1, u.product_id, u.group_id, u.position
  FROM unnest($2::uuid[], $3::uuid[], $4::integer[]) AS u (product_id, group_id, position)
"""
_STOCKED: Final = """
SELECT p.id, p.kind, EXISTS (SELECT FROM stock_move m WHERE m.tenant_id = $1 AND m.product_id = p.id) AS moved,
       EXISTS (SELECT FROM product o WHERE o.tenant_id = $1 AND o.deposit_id = p.id) AS deposit
  FROM product p WHERE p.tenant_id = $1 AND p.id = ANY ($2::uuid[])
"""


async def refuse_wrong(read: Read, given: Given) -> None:
    """Refuse traits that can't be, before or after their products are stored. Raises Invalid with the fields.

    The caller holds the catalogue's head, so that no two kits are put into each other at once.
    """
    errors: dict[str, list[str]] = defaultdict(list)
    for unit, traits in given.values():
        for name, sentences in problems(traits, unit).items():
            errors[name] += sentences
    if not errors:
        await _refuse_kits(read, given, errors)
        await _refuse_strangers(read, given, errors)
    if errors:
        raise Invalid({name: list(dict.fromkeys(sentences)) for name, sentences in errors.items()})


async def put_traits(tx: Tx, given: Given, version: int) -> None:
    """Store the traits of products that are stored; those kits that hold one of them get the new version too.

    The caller has refused what is wrong, and records what changed.
    """
    ids = list(given)
    rows = [_row(id, traits, tx) for id, (_unit, traits) in given.items()]
    await tx.execute(_UPDATE, tx.tenant, json.dumps(rows, default=str))
    parts = [(id, one, at) for id, (_unit, traits) in given.items() for at, one in enumerate(traits.parts)]
    groups = [(id, one, at) for id, (_unit, traits) in given.items() for at, one in enumerate(traits.modifier_groups)]
    await tx.execute("DELETE FROM component WHERE tenant_id = $1 AND kit_id = ANY ($2)", tx.tenant, ids)
    await tx.execute(
        "DELETE FROM product_modifier_group WHERE tenant_id = $1 AND product_id = ANY ($2)", tx.tenant, ids
    )
    if parts:
        await tx.execute(
            _PARTS,
            tx.tenant,
            [kit for kit, _part, _at in parts],
            [part.product for _kit, part, _at in parts],
            [part.quantity for _kit, part, _at in parts],
            [at for _kit, _part, at in parts],
        )
    if groups:
        await tx.execute(_GROUPS, tx.tenant, *map(list, zip(*groups, strict=True)))
    await look_again(tx, (at for _unit, one in given.values() for at in (one.available_from, one.available_until)))
    above = holders(ids, await what_is_inside(tx))
    if above:
        await tx.execute(
            "UPDATE product SET version = $3 WHERE tenant_id = $1 AND id = ANY ($2)", tx.tenant, list(above), version
        )


async def what_is_inside(read: Read) -> dict[UUID, list[UUID]]:
    """Tell what each kit of the shop holds itself."""
    rows = await read.fetch(
        "SELECT kit_id, array_agg(part_id) AS parts FROM component WHERE tenant_id = $1 GROUP BY kit_id", read.tenant
    )
    return {row["kit_id"]: list(row["parts"]) for row in rows}


async def _refuse_kits(read: Read, given: Given, errors: dict[str, list[str]]) -> None:
    kits = {id: [part.product for part in traits.parts] for id, (_unit, traits) in given.items() if traits.kind == KIT}
    if not kits:
        return
    inside = {**await what_is_inside(read), **kits}
    wanted = {part for parts in kits.values() for part in parts} - given.keys()
    rows = await read.fetch("SELECT id FROM product WHERE tenant_id = $1 AND id = ANY ($2)", read.tenant, list(wanted))
    if len(rows) < len(wanted):
        errors["parts"].append(_("We don't know one of the parts. Pick it again from the list."))
    errors["parts"] += [said for kit, parts in kits.items() if (said := kit_problem(kit, parts, inside))]
    units = {id: unit for id, (unit, _traits) in given.items()}
    held = [part for _unit, traits in given.values() for part in traits.parts]
    errors["parts"] += [said] if (said := await parts_problem(read, held, units)) else []
    if not errors["parts"]:
        del errors["parts"]


async def _refuse_strangers(read: Read, given: Given, errors: dict[str, list[str]]) -> None:
    """Refuse what refers to nothing of the kind, and another kind for what has stock."""
    known = {row["id"]: row for row in await read.fetch(_STOCKED, read.tenant, _mentioned(given))}
    groups = {id for _unit, traits in given.values() for id in traits.modifier_groups}
    found = await read.fetch(
        "SELECT id FROM modifier_group WHERE tenant_id = $1 AND id = ANY ($2)", read.tenant, list(groups)
    )
    if len(found) < len(groups):
        errors["modifier_groups"].append(_("One of these choices is gone. Pick again."))
    for id, (_unit, traits) in given.items():
        before = known.get(id)
        if before and traits.kind != before["kind"] and before["moved"]:
            errors["kind"].append(_("Its stock has moved, so it stays goods. Make a new product for the other kind."))
        if before and traits.kind != SERVICE and before["deposit"]:
            errors["kind"].append(_("It is the deposit of other products, so it stays a service."))
        if traits.deposit is not None:
            kind = given[traits.deposit][1].kind if traits.deposit in given else None
            stored = known.get(traits.deposit)
            if traits.deposit == id or (kind or (stored["kind"] if stored else GOODS)) != SERVICE:
                errors["deposit"].append(_("A deposit is a service. Pick one, or make it first."))


def _mentioned(given: Given) -> list[UUID]:
    deposits = [traits.deposit for _unit, traits in given.values() if traits.deposit]
    return [*given, *deposits]


def _row(id: UUID, traits: Traits, tx: Tx) -> dict[str, object]:
    return {
        "id": id,
        "kind": traits.kind,
        "open_price": traits.open_price,
        "min_age": traits.min_age,
        "deposit_id": traits.deposit,
        "tags": list(traits.tags),
        "attributes": dict(traits.attributes),
        "notes": traits.notes,
        "available_from": traits.available_from,
        "available_until": traits.available_until,
        "on_sale": traits.on_sale(tx.now),
        "tracking": traits.tracking,
        "content_milli": traits.content_milli,
        "content_unit": traits.content_unit,
    }
