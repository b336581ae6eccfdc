"""Pages of the books: accounts with their balances, the journal, one entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import NotFound
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.ledger import origins, queries
from retail.ledger.queries import AccountBalance, Period
from retail.runtime.web.context import db, scope
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """Show every account with its balance; the period is in the address."""
    period, kept = _period(request)
    async with db(request).read(scope(request)) as read:
        accounts = await queries.accounts(read, period)
    return render(
        request,
        "ledger/index.html",
        groups=_groups(accounts),
        debit=sum(max(one.balance_minor, 0) for one in accounts),
        credit=-sum(min(one.balance_minor, 0) for one in accounts),
        wanted=kept,
        query=urlencode({name: value for name, value in kept.items() if value}),
    )


async def entries(request: Request) -> Response:
    """List journal entries, newest business day first."""
    period, kept = _period(request)
    asked = request.query_params
    account = _account(asked.get("account", ""))
    kind = asked.get("kind", "")[:60]
    async with db(request).read(scope(request)) as read:
        page = await queries.entries(
            read, period, account=account, kind=kind, limit=DEFAULT_LIMIT, after=asked.get("after") or None
        )
        accounts = await queries.accounts(read)
    kept |= {"account": str(account or ""), "kind": kind}
    return render(
        request,
        "ledger/entries/index.html",
        entries=page.items,
        accounts=[(str(one.id), f"{one.code} {_(one.name)}") for one in accounts],
        kinds=kinds(),
        wanted=kept,
        next=_further(kept, page.next),
        first=_further(kept, "") if asked.get("after") else None,
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
    }


def _groups(accounts: Sequence[AccountBalance]) -> list[tuple[str, list[AccountBalance]]]:
    words = {
        "asset": _("What the shop has"),
        "liability": _("What it owes"),
        "equity": _("Own capital"),
        "income": _("Income"),
        "expense": _("Expenses"),
    }
    return [(title, [one for one in accounts if one.kind == kind]) for kind, title in words.items()]


def _period(request: Request) -> tuple[Period, dict[str, str]]:
    """Read the days of the address; what is no day doesn't narrow."""
    days: dict[str, date | None] = {}
    for name in ("from", "to"):
        try:
            days[name] = date.fromisoformat(request.query_params.get(name, ""))
        except ValueError:
            days[name] = None
    kept = {name: day.isoformat() if day else "" for name, day in days.items()}
    return Period(days["from"], days["to"]), kept


def _account(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as wrong:
        raise NotFound("account") from wrong


def _further(kept: dict[str, str], after: str | None) -> str | None:
    if after is None:
        return None
    query = {name: value for name, value in (kept | {"after": after}).items() if value}
    return f"/ledger/entries?{urlencode(query)}" if query else "/ledger/entries"
