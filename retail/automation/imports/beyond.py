"""What of a file is beyond the business's plan: said once above its rows, with what fits and what makes room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from retail.automation.imports.queries import RunFacts
from retail.automation.kinds.product_judging import PLANS
from retail.catalog.products.limits import room
from retail.runtime.db import Read

_ROWS: Final = """
SELECT count(*) FROM import_row
 WHERE tenant_id = $1 AND run_id = $2 AND state = 'refused'
   AND jsonb_array_length(reasons) = 1 AND reasons @> jsonb_build_array(jsonb_build_array($3::text))
"""


@dataclass(frozen=True, slots=True)
class Beyond:
    """`rows` of a file are refused for want of room alone. `used` are on sale now, of the `most` of the plan."""

    rows: int
    plan: str
    most: int
    each: int
    used: int


async def beyond(read: Read, run: RunFacts) -> Beyond | None:
    """Tell what a file has beyond the plan; None where that is nothing, or the plan has no limit any more."""
    if not run.refused_count or run.running:
        return None
    rows: int = await read.fetchval(_ROWS, read.tenant, run.id, PLANS)
    here = await room(read) if rows else None
    if here is None or here.most is None:
        return None
    return Beyond(rows, here.name, here.most, here.per_store or 0, here.used)
