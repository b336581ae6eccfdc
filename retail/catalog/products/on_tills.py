"""Families of variants as tills know them: one tile for all of a family, and what there is to choose."""

from __future__ import annotations

import json
from typing import Any

from retail.runtime.db import Read

_VARIANTS = """
SELECT f.id, f.name, f.options AS names, p.options
  FROM family f
  JOIN product p ON p.tenant_id = $1 AND p.family_id = f.id AND p.archived_at IS NULL
 WHERE f.tenant_id = $1 ORDER BY lower(f.name), f.id, p.created_at, p.id
"""


async def families_on_tills(read: Read) -> list[dict[str, Any]]:
    """Give each family with its options, as [name, [values]] in the order in which its variants came."""
    found: dict[object, dict[str, Any]] = {}
    for row in await read.fetch(_VARIANTS, read.tenant):
        empty = {"id": str(row["id"]), "name": row["name"], "options": [[name, []] for name in row["names"]]}
        chosen = json.loads(row["options"])
        for name, values in found.setdefault(row["id"], empty)["options"]:
            if name in chosen and chosen[name] not in values:
                values.append(chosen[name])
    return list(found.values())
