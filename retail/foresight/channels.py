"""What the page of forecasts asks over its socket: what would be if."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from retail.foresight import what_if
from retail.foresight.asking import PATH, wanted_in
from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.errors import NotFound
from retail.runtime.db import Read
from retail.runtime.realtime.asks import Answer, Ask
from retail.runtime.realtime.channels import Channel
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.asked import Asked

CHANNELS: Final[list[Channel]] = []
REGIONS: Final = (("foresight/_supposed.html", "#supposed"), ("foresight/_supposed_days.html", "#supposed-days"))


async def _answer(read: Read, facts: TenantFacts, values: Mapping[str, str]) -> Answer:
    """Answer the levers of the page's form. Raises Invalid, NotFound."""
    asked, asking = Asked(PATH, values), what_if.Asking(values)
    wanted = await wanted_in(read, asked)
    asked.check()
    if asking.errors:
        return Answer(REGIONS[:1], {"supposed": None, "levers": asking})
    told = await what_if.answer(read, facts, wanted, asking)
    if told is None:
        raise NotFound("forecast")
    return Answer(REGIONS, {"supposed": told, "levers": asking}, {"supposed": told.rows})


ASKS: Final = [Ask("what-if", VIEW_DASHBOARD, _answer)]
