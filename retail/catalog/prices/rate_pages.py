"""Pages of rates of exchange: what another currency is worth, from which day on."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.catalog.prices import exchange, reading
from retail.catalog.prices.forms import rate_in, rate_text
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants.countries import CURRENCIES

PATH: Final = "/products/prices/currencies"


async def index(request: Request) -> Response:
    """Show the rates of exchange, and the form of another one."""
    return await _page(request, {}, {})


async def create(request: Request) -> Response:
    """Say what a currency is worth from a day on."""
    fields = await Fields.read(request)
    try:
        code = fields.choice("currency", CURRENCIES)
        if code == tenant(request).currency:
            fields.error("currency", _("This is your own currency. Pick another one."))
        day, rate = fields.day("starts_on"), rate_in(fields, "rate")
        fields.check()
        if day is not None:
            await db(request).run(scope(request), exchange.put_rate, code, day, rate)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    return redirect(request, PATH, said=_("The rate is set."))


async def remove(request: Request) -> Response:
    """Take a rate out."""
    try:
        await db(request).run(scope(request), exchange.remove_rate, uuid_in(request))
    except Invalid as wrong:
        return await _page(request, {}, wrong.errors, 422)
    return redirect(request, PATH, said=_("The rate is out."))


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        found = await reading.rates(read)
        today = read.now.date().isoformat()
    own = tenant(request).currency
    return render(
        request,
        "catalog/prices/currencies.html",
        status,
        rates=[(one, rate_text(one.rate_billionths)) for one in found],
        own=own,
        values={"starts_on": today} | values,
        errors=errors,
        currencies=[(code, code) for code in CURRENCIES if code != own],
    )
