"""Storing rows of products through the catalogue's own verbs: what is new or changed, with groups and families."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from retail.automation.kinds.base import Verdict
from retail.automation.kinds.product_reading import Known
from retail.automation.kinds.product_traits import TRAITS, traits_of
from retail.catalog.operations import Draft, add_category, put_products
from retail.catalog.products.pictures import adopt
from retail.catalog.products.traits import PLAIN
from retail.kit.ids import new_id
from retail.runtime.db import Tx

_GOLDEN: Final = 137  # degrees: neighbours in the list get hues far from each other
_FAMILY: Final = """
INSERT INTO family (tenant_id, id, name, options, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
"""
_JOIN: Final = """
UPDATE product p SET family_id = u.family_id, options = u.options::jsonb
  FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS u (id, family_id, options)
 WHERE p.tenant_id = $1 AND p.id = u.id
"""
_PARTED: Final = "UPDATE product SET family_id = NULL, options = '{}' WHERE tenant_id = $1 AND id = ANY($2)"


async def store_products(tx: Tx, verdicts: Sequence[Verdict], known: Known) -> None:
    """Store rows that are new or changed. The caller holds the catalogue's lock."""
    paths = await _make_groups(tx, verdicts, known)
    ids = {**known.ids, **{one.made["sku"]: one.subject for one in verdicts if one.subject and one.made["sku"]}}
    joining = [one for one in verdicts if _moves_family(one, known)]
    await _leave_families(tx, joining, known)
    await put_products(tx, [_draft(one, known, paths, ids) for one in verdicts], listed=True)
    await _join_families(tx, joining, known)
    if pictures := [picture for one in verdicts for picture in one.made.get("adopted", ())]:
        await adopt(tx, pictures)


def _draft(one: Verdict, known: Known, paths: Mapping[tuple[str, ...], UUID], ids: Mapping[str, UUID]) -> Draft:
    full = one.made
    changed = {change.column for change in one.changes}
    traits = None
    if (one.state == "changed" and changed & TRAITS) or one.state == "new":
        made = traits_of(full, ids, known.shelf.choices)
        traits = None if one.state == "new" and made == PLAIN else made
    decimals = full["decimals"]
    if decimals is None or "unit" in changed:
        decimals = 0 if full["unit"] == "each" else 3
    return Draft(
        one.subject or new_id(),
        full["sku"],
        full["name"],
        known.shelf.taxes[full["tax_class"].lower()][0],
        full["price"],
        paths[full["category"]] if full["category"] else None,
        tuple(full["barcodes"]),
        full["unit"],
        decimals,
        full["unit_cost"],
        full["reorder_point"],
        full["favourite"],
        traits,
    )


async def _make_groups(tx: Tx, verdicts: Sequence[Verdict], known: Known) -> dict[tuple[str, ...], UUID]:
    """Give the groups of rows by their paths; those that are not there yet are made."""
    found: dict[tuple[str, ...], UUID] = {path: id for id, path in known.shelf.paths.items()}
    for one in verdicts:
        path = tuple(one.made["category"])
        for depth in range(1, len(path) + 1):
            if path[:depth] in found:
                continue
            id = new_id()
            inside = found[path[: depth - 1]] if depth > 1 else None
            await add_category(tx, id, path[depth - 1], len(found) * _GOLDEN % 360, None, inside)
            found[path[:depth]] = id
    return found


def _moves_family(one: Verdict, known: Known) -> bool:
    before = known.present.get(one.subject) if one.subject else None
    now = (one.made["family"], dict(one.made["options"]))
    return now != ((before["family"], dict(before["options"])) if before else ("", {}))


async def _leave_families(tx: Tx, joining: Sequence[Verdict], known: Known) -> None:
    """Take products out of their families first, so that two variants may change places."""
    leaving = [one.subject for one in joining if one.subject in known.present]
    if leaving:
        await tx.execute(_PARTED, tx.tenant, leaving)


async def _join_families(tx: Tx, joining: Sequence[Verdict], known: Known) -> None:
    rows: list[tuple[UUID | None, UUID, str]] = []
    families: dict[str, Any] = {key: id for key, (id, _name, _options) in known.families.items()}
    for one in joining:
        family = one.made["family"]
        if not family:
            continue
        if family.lower() not in families:
            id = families[family.lower()] = new_id()
            options = [name for name, _value in one.made["options"]]
            await tx.execute(_FAMILY, tx.tenant, id, family, options, tx.now)
            tx.audit("family.put", "family", id, name=family, options=options, variants=0)
        rows.append((one.subject, families[family.lower()], json.dumps(dict(one.made["options"]))))
    if rows:
        await tx.execute(_JOIN, tx.tenant, *map(list, zip(*rows, strict=True)))
