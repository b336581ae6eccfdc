"""Where a product lies inside its stores, and of which lots: a part of its page."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from retail.kit.text import _
from retail.runtime.db import Read
from retail.stock.lots import queries as lots
from retail.stock.places.queries import lying

_MOST: Final = 50


async def whereabouts(read: Read, product: UUID, today: date) -> dict[str, Any]:
    """Give what stock/_whereabouts.html needs of a product."""
    held = (await lots.lots(read, product=product, limit=_MOST)).items
    return {
        "lying": await lying(read, product, _("Shop floor")),
        "lots": [(one, one.days_left(today)) for one in held],
        "unnamed": await lots.unnamed(read, product),
    }
