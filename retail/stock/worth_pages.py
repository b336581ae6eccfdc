"""The comparison of the stock's value with the books: a page of its own, and a part of the pages Stock and Books."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import is_htmx, render
from retail.stock.costing.rules import FIFO
from retail.stock.costing.settling import method_of
from retail.stock.reconciling import gaps


async def comparison(request: Request) -> Response:
    """Explain, store by store, why value at cost and account 1200 differ."""
    async with db(request).read(scope(request)) as read:
        found = await gaps(read)
        method = await method_of(read)
    page = "stock/_worth.html" if is_htmx(request) else "stock/worth.html"
    return render(request, page, gaps=found, difference=sum(one.difference for one in found), by_layers=method == FIFO)
