"""Pages of gift cards: the list, issuing one, its statement, blocking and correcting it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, keyring, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import queries as tenants
from retail.value import desk, queries
from retail.value.queries import Wanted
from retail.value.rules import MOST_MINOR, Use, shown_code
from retail.value.words import cause_words, means_words

PATH: Final = "/gift-cards"
STATES: Final = ("open", "spent", "blocked")
_FOUR: Final = 4


def wanted_in(asked: Asked) -> Wanted:
    """Read from an address which cards are wanted: the last four digits, and the state."""
    digits = "".join(one for one in asked.search() if one.isdigit())
    return Wanted(digits[-_FOUR:], asked.option("state", STATES))


async def index(request: Request) -> Response:
    """Show gift cards, the newest first, and what all of them come to."""
    asked = Asked.of(request, PATH)
    wanted = wanted_in(asked)
    async with db(request).read(scope(request)) as read:
        page = await asked.page(lambda after: queries.cards(read, wanted, limit=DEFAULT_LIMIT, after=after))
        count, total = await queries.outstanding(read)
    return render(
        request, "value/cards/index.html", asked.status, asked=asked, cards=page.items, next=asked.next(page),
        count=count, total=total,
        states=[("open", _("With something on it")), ("spent", _("Used up")), ("blocked", _("Blocked"))],
    )  # fmt: skip


async def new(request: Request) -> Response:
    """Show the form of a new card."""
    return await _new(request, {}, {}, 200)


async def create(request: Request) -> Response:
    """Issue a card and show its code, once."""
    fields = await Fields.read(request)
    try:
        card = desk.Issue(
            fields.uuid("id") or new_id(),
            fields.uuid("store") or UUID(int=0),
            fields.money("amount", tenant(request).money, least=1, most=MOST_MINOR),
            fields.choice("means", means_words(), required=False),
            fields.day("expires_on", required=False),
            fields.text("reason", 200),
        )
        fields.check()
        code = await db(request).run(scope(request), desk.issue, keyring(request), card)
    except Invalid as wrong:
        return await _new(request, fields.values, wrong.errors, 422)
    except DomainError as refused:
        return await _new(request, fields.values, {"": [refused.sentence()]}, refused.status)
    async with db(request).read(scope(request)) as read:
        found = await queries.card(read, card.id)
    return render(request, "value/cards/issued.html", 201, card=found, code=shown_code(code))


async def show(request: Request) -> Response:
    """Show a card with its statement."""
    return await _show(request, {}, {}, 200)


async def block(request: Request) -> Response:
    """Block a card."""
    fields, id = await Fields.read(request), uuid_in(request)
    reason = fields.text("reason", 200)

    async def run(tx: Tx) -> None:
        await queries.card(tx, id)
        await desk.block(tx, id, reason)

    try:
        fields.check()
        await db(request).run(scope(request), run)
    except Invalid as wrong:
        return await _show(request, fields.values, wrong.errors, 422)
    return redirect(request, f"{PATH}/{id}", said=_("The card is blocked."))


async def unblock(request: Request) -> Response:
    """Let a blocked card be used again."""
    id = uuid_in(request)

    async def run(tx: Tx) -> None:
        await queries.card(tx, id)
        await desk.unblock(tx, id)

    await db(request).run(scope(request), run)
    return redirect(request, f"{PATH}/{id}", said=_("The card can be used again."))


async def adjust(request: Request) -> Response:
    """Correct what is on a card, with a reason."""
    id = uuid_in(request)
    async with db(request).read(scope(request)) as read:
        await queries.card(read, id)
    refused = await take_adjustment(request, id)
    if refused is not None:
        return await _show(request, *refused)
    return redirect(request, f"{PATH}/{id}", said=_("The card is corrected."))


async def take_adjustment(
    request: Request, account: UUID, prefix: str = ""
) -> tuple[dict[str, str], dict[str, list[str]], int] | None:
    """Correct an account as the form says; None where it is done, else what was typed, what is wrong, and the status.

    The names of the form's fields begin with `prefix`.
    """
    fields = await Fields.read(request)
    amount = fields.money(f"{prefix}amount", tenant(request).money, least=1, most=MOST_MINOR)
    reason = fields.text(f"{prefix}reason", 200, required=True)
    use = Use(account, amount, fields.uuid(f"{prefix}id") or new_id(), None, reason)
    up, store = fields.choice(f"{prefix}way", ("up", "down")) == "up", fields.uuid(f"{prefix}store")
    try:
        fields.check()
        async with db(request).begin(scope(request)) as tx:
            await desk.adjust(tx, use, store or UUID(int=0), up=up)
    except Invalid as wrong:
        return fields.values, wrong.errors, 422
    except DomainError as refused:
        return fields.values, {f"{prefix}amount": [refused.sentence()]}, refused.status
    return None


async def store_choices(request: Request) -> list[tuple[str, str]]:
    """Give the stores in whose books somebody may act, for a form."""
    async with db(request).read(scope(request)) as read:
        return [(str(one.id), one.name) for one in await tenants.stores(read)]


async def _new(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    stores = await store_choices(request)
    return render(
        request, "value/cards/new.html", status, store_choices=stores, means=list(means_words().items()), errors=errors,
        values={"id": str(new_id()), "means": "cash", "store": stores[0][0] if stores else ""} | values,
    )  # fmt: skip


async def _show(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int) -> Response:
    id = uuid_in(request)
    asked = Asked.of(request, f"{PATH}/{id}")
    stores = await store_choices(request)
    async with db(request).read(scope(request)) as read:
        found = await queries.card(read, id)
        page = await asked.page(lambda after: queries.statement(read, [id], limit=DEFAULT_LIMIT, after=after))
    context: dict[str, Any] = {"card": found, "moves": page.items, "next": asked.next(page), "asked": asked}
    first = {"id": str(new_id()), "way": "up", "store": stores[0][0] if stores else ""}
    return render(
        request, "value/cards/show.html", status if errors else asked.status, store_choices=stores,
        causes=cause_words(),
        values=first | values, errors=errors, **context,
    )  # fmt: skip
