"""What operators find behind Ctrl+K beside the pages: businesses by name or address, people by name or e-mail."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.console import businesses
from retail.console.businesses import Asking, like
from retail.identity.disabling import AnyAccount
from retail.runtime.db import Unit
from retail.runtime.web.context import db
from retail.runtime.web.responses import render

_MOST: Final = 6
_LEAST_TYPED: Final = 2


async def index(request: Request) -> Response:
    """Answer with links, for the place in the box that holds what was found."""
    typed = request.query_params.get("q", "").strip()[:100]
    listed: list[businesses.Business] = []
    found: list[AnyAccount] = []
    if len(typed) >= _LEAST_TYPED:
        async with db(request).platform() as unit:
            page = await businesses.businesses(unit, Asking(typed), businesses.ORDERS.usual, limit=_MOST)
            listed, found = page.items, await people(unit, typed)
    return render(request, "console/finding/_found.html", businesses=listed, people=found)


async def people(unit: Unit, typed: str) -> list[AnyAccount]:
    """Find accounts by letters of their name or address, disabled ones too; deleted ones have neither."""
    rows = await unit.fetch("SELECT * FROM auth_people_sought($1, $2)", like(typed), _MOST)
    return [AnyAccount(**row) for row in rows]
