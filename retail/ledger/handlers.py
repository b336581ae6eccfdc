"""Pages of the books: accounts with their balances, the journal, one entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.ledger import origins, queries
from retail.ledger.queries import AccountBalance, Period
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """Show every account with its balance; the period is in the address: this month, unless all of it is asked for."""
    typed = dict(request.query_params)
    whole = "all" in typed and not (typed.get("from") or typed.get("to"))
    async with db(request).read(scope(request)) as read:
        month = await queries.this_month(read)
        if not whole and not (typed.get("from") or typed.get("to")):
            typed["from"] = month.isoformat()
        asked = Asked("/ledger", typed)
        period = Period(*asked.period())
        accounts = [] if asked.errors else await queries.accounts(read, period)
    return render(
        request,
        "ledger/index.html",
        asked.status,
        asked=asked,
        groups=_groups(accounts),
        debit=sum(max(one.balance_minor, 0) for one in accounts),
        credit=-sum(min(one.balance_minor, 0) for one in accounts),
        query=urlencode(asked.kept),
        spans=_spans(period, month),
        whole=whole,
    )


async def entries(request: Request) -> Response:
    """List journal entries, newest business day first."""
    asked = Asked.of(request, "/ledger/entries")
    async with db(request).read(scope(request)) as read:
        chart = await queries.chart(read)
        account, kind = asked.one_of("account", {id for id, _code, _name in chart}), asked.option("kind", kinds())
        period = Period(*asked.period())
        page = await asked.page(
            lambda after: queries.entries(read, period, account=account, kind=kind, limit=DEFAULT_LIMIT, after=after)
        )
    return render(
        request,
        "ledger/entries/index.html",
        asked.status,
        asked=asked,
        entries=page.items,
        accounts=[(str(id), f"{code} {_(name)}") for id, code, name in chart],
        kinds=kinds(),
        next=asked.next(page),
    )


async def entry(request: Request) -> Response:
    """Show one entry with its lines."""
    async with db(request).read(scope(request)) as read:
        found = await queries.entry(read, request.path_params["entry"])
        origin = await origins.origin(read, found)
    return render(request, "ledger/entries/show.html", entry=found, origin=origin, kinds=kinds())


def kinds() -> dict[str, str]:
    """Name what an entry can come from."""
    return {
        "sale": _("Sale"),
        "return": _("Return"),
        "payment": _("Down payment"),
        "value_paid_back": _("Down payment given back"),
        "value_kept": _("Kept down payment"),
        "shift_opened": _("Float"),
        "shift_closed": _("Count of the drawer"),
        "cash_pay_in": _("Pay-in"),
        "cash_pay_out": _("Pay-out"),
        "cash_drop": _("Drop to the safe"),
        "stock_opening": _("Opening stock"),
        "stock_receipt": _("Receipt of goods"),
        "stock_adjustment": _("Stock correction"),
        "stock_waste": _("Waste"),
        "stock_count": _("Stock count"),
        "stock_revaluation": _("Revaluation of stock"),
        "value_issued": _("Gift card issued"),
        "value_paid": _("Payment of a customer"),
        "value_adjusted": _("Correction of stored value"),
        "value_expired": _("Gift card ran out"),
    }


def _spans(period: Period, month: date) -> list[tuple[str, str, bool]]:
    """Give the usual spans of the books: words, query and whether it is shown."""
    year = month.replace(month=1)
    return [
        (_("This month"), f"from={month.isoformat()}", period == Period(month)),
        (_("This year"), f"from={year.isoformat()}", period == Period(year) and year != month),
        (_("All time"), "all=1", period == Period()),
    ]


def _groups(accounts: Sequence[AccountBalance]) -> list[tuple[str, list[AccountBalance]]]:
    words = {
        "asset": _("What the shop has"),
        "liability": _("What it owes"),
        "equity": _("Own capital"),
        "income": _("Income"),
        "expense": _("Expenses"),
    }
    return [(title, [one for one in accounts if one.kind == kind]) for kind, title in words.items()]
