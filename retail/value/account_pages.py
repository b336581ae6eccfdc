"""The page of a customer's account: what they have and owe, the statement, payments received, corrections."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.customers.queries import customer
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.value import desk, queries
from retail.value.operations import account_of
from retail.value.pages import store_choices, take_adjustment
from retail.value.rules import ACCOUNT, MOST_MINOR, STORE_CREDIT, Use
from retail.value.words import cause_words, kind_words, means_words


async def show(request: Request) -> Response:
    """Show what a customer has with us and owes us, with every move of it."""
    return await _page(request, {}, {}, 200)


async def pay(request: Request) -> Response:
    """Note a payment that a customer made on what they owe, or in advance."""
    fields, id = await Fields.read(request), uuid_in(request)
    amount = fields.money("amount", tenant(request).money, least=1, most=MOST_MINOR)
    source, store = fields.uuid("id") or new_id(), fields.uuid("store") or UUID(int=0)
    means, reason = fields.choice("means", means_words()), fields.text("note", 200)

    async def run(tx: Tx) -> None:
        account = await account_of(tx, id, ACCOUNT)
        await desk.receive_payment(tx, Use(account, amount, source, None, reason), store, means)

    try:
        fields.check()
        await db(request).run(scope(request), run)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _page(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/customers/{id}/account", said=_("The payment is noted."))


async def credit(request: Request) -> Response:
    """Give a customer store credit, or take some back, with a reason."""
    id = uuid_in(request)
    account = await db(request).run(scope(request), account_of, id, STORE_CREDIT)
    refused = await take_adjustment(request, account, "credit_")
    if refused is not None:
        return await _page(request, *refused)
    return redirect(request, f"/customers/{id}/account", said=_("The store credit is corrected."))


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    id = uuid_in(request)
    asked = Asked.of(request, f"/customers/{id}/account")
    stores = await store_choices(request)
    async with db(request).read(scope(request)) as read:
        found = await customer(read, id)
        accounts = await queries.accounts_of(read, id)
        ids = [one.id for one in accounts]
        page = await asked.page(lambda after: queries.statement(read, ids, limit=DEFAULT_LIMIT, after=after))
    owing = [one for one in accounts if one.kind == ACCOUNT]
    first = {"id": str(new_id()), "credit_id": str(new_id()), "means": "cash", "credit_way": "up"}
    store = stores[0][0] if stores else ""
    return render(
        request,
        "value/account.html",
        status if errors else asked.status,
        customer=found,
        accounts=accounts,
        owes=-min(0, sum(one.balance_minor for one in owing)),
        left=min((one.spendable_minor for one in owing), default=found.credit_limit_minor),
        moves=page.items,
        next=asked.next(page),
        asked=asked,
        causes=cause_words(),
        kinds=kind_words(),
        means=list(means_words().items()),
        store_choices=stores,
        values=first | {"store": store, "credit_store": store} | values,
        errors=errors,
    )
