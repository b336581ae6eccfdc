"""The JSON API of forecasts."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.catalog import queries as catalog
from retail.foresight import queries
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import NotFound
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db
from retail.runtime.web.responses import json_answer
from retail.tenants.queries import stores

router = APIRouter(tags=["analytics"])


@router.get("/analytics/forecast")
async def forecast(
    request: Request,
    scope: Scope = allow(VIEW_DASHBOARD),
    days: Annotated[int, Query(ge=1, le=120)] = 30,
    store: UUID | None = None,
    product: UUID | None = None,
) -> Response:
    """Give revenue a day in minor units, of a product its units, with the bounds of the middle 80 %.

    Of a product in one store; `backtest` is null, and so are the bounds, where the history is too short. Without a
    forecast, as before the first night, there are no items. `held_up` is how forecasts of the last `days` compare with
    what was sold, null where too few are over; `drifted_on` the day on which its models were last tried anew. 404 for
    a store or product that nobody has.
    """
    measure = "units" if product else "revenue"
    async with db(request).read(scope) as read:
        if store is not None and all(one.id != store for one in await stores(read)):
            raise NotFound("store")
        if product is not None:
            await catalog.product(read, product)
        found = await queries.series(read, measure, store, None, product)
        judged = await queries.judged(read, "product" if product else "store" if store else "total", measure)

    def value(of: Decimal) -> Decimal | int:
        return of if product else int(of.to_integral_value(ROUND_HALF_UP))

    items = (
        [
            {
                "date": found.first + timedelta(days=at),
                "value": value(likely),
                "low": value(found.low[at]) if found.low else None,
                "high": value(found.high[at]) if found.high else None,
            }
            for at, likely in enumerate(found.likely[:days])
        ]
        if found
        else []
    )
    known = judged is not None and judged.wape is not None
    return json_answer(
        {
            "measure": measure,
            "items": items,
            "model": judged.model if judged else None,
            "backtest": {"mase": judged.mase, "wape": judged.wape, "coverage": judged.cover}
            if judged and known
            else None,
            "held_up": {
                "days": judged.past_days,
                "wape": judged.past_wape,
                "naive_wape": judged.past_naive,
                "coverage": judged.past_cover,
                "wape_when_chosen": judged.base_wape,
            }
            if judged and judged.past_days is not None
            else None,
            "drifted_on": judged.drifted_on if judged else None,
        }
    )
