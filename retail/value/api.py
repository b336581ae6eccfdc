"""The JSON API of stored value: cards listed, issued, checked by code, blocked; and what a till asks before payment."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from retail.identity.permissions import EDIT_CUSTOMERS, SELL, VIEW_CUSTOMERS
from retail.kit.errors import NotFound
from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db, keyring
from retail.runtime.web.limits import limit as pace
from retail.runtime.web.responses import json_answer
from retail.tenants import queries as tenants
from retail.value import desk, queries
from retail.value.operations import account_of
from retail.value.queries import AccountFacts, MoveFacts, Wanted
from retail.value.rules import ACCOUNT, MOST_MINOR

router = APIRouter(tags=["stored value"])
_Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class NewCard(BaseModel):
    """A gift card to issue. `means` null: given for nothing, with a `reason`."""

    model_config = ConfigDict(extra="forbid")

    id: UUID | None = None
    store: UUID
    amount: Annotated[int, Field(gt=0, le=MOST_MINOR, strict=True, description="Minor units.")]
    means: Literal["cash", "card", "transfer"] | None = None
    expires_on: date | None = None
    reason: _Text = ""


class Asking(BaseModel):
    """Whose value is asked for: a gift card by its code, or a customer."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(max_length=40)] | None = None
    customer: UUID | None = None


class Coded(BaseModel):
    """A gift card by its code."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(max_length=40)]


class Reason(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[_Text, StringConstraints(min_length=1)]


@router.get("/gift-cards")
async def list_cards(
    request: Request,
    scope: Scope = allow(VIEW_CUSTOMERS),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    last_four: Annotated[str, Query(pattern="^([0-9]{4})?$")] = "",
    state: Literal["", "open", "spent", "blocked"] = "",
) -> Response:
    """List gift cards, the newest first."""
    async with db(request).read(scope) as read:
        page = await queries.cards(read, Wanted(last_four, state), limit=limit, after=after)
    return json_answer({"items": [_shown(one) for one in page.items], "next": page.next})


@router.post("/gift-cards", status_code=201)
async def issue_card(request: Request, new: NewCard, scope: Scope = allow(EDIT_CUSTOMERS)) -> Response:
    """Issue a gift card. Its `code` is in this answer alone; the same id again is a conflict."""
    card = desk.Issue(new.id or new_id(), new.store, new.amount, new.means or "", new.expires_on, new.reason)
    code = await db(request).run(scope, desk.issue, keyring(request), card)
    async with db(request).read(scope) as read:
        return json_answer(_shown(await queries.card(read, card.id)) | {"code": code}, 201)


@router.post("/gift-cards/check")
async def check_card(request: Request, asked: Coded, scope: Scope = allow(VIEW_CUSTOMERS)) -> Response:
    """Say what is on a gift card, by its code; 30 a minute for each caller."""
    await _slowly(request, scope)
    async with db(request).read(scope) as read:
        return json_answer(_shown(await _found(request, read, asked.code)))


@router.get("/gift-cards/{id}")
async def show_card(request: Request, id: UUID, scope: Scope = allow(VIEW_CUSTOMERS)) -> Response:
    """Give one gift card."""
    async with db(request).read(scope) as read:
        return json_answer(_shown(await queries.card(read, id)))


@router.get("/gift-cards/{id}/moves")
async def list_moves(
    request: Request,
    id: UUID,
    scope: Scope = allow(VIEW_CUSTOMERS),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Response:
    """List what came onto a gift card and left it, the newest first."""
    async with db(request).read(scope) as read:
        await queries.card(read, id)
        page = await queries.statement(read, [id], limit=limit, after=after)
    return json_answer({"items": [_moved(one) for one in page.items], "next": page.next})


@router.post("/gift-cards/{id}/blocking")
async def block_card(request: Request, id: UUID, why: Reason, scope: Scope = allow(EDIT_CUSTOMERS)) -> Response:
    """Block a gift card: nothing is taken from it any more."""

    async def run(tx: Tx) -> AccountFacts:
        await queries.card(tx, id)
        await desk.block(tx, id, why.reason)
        return await queries.card(tx, id)

    return json_answer(_shown(await db(request).run(scope, run)))


@router.delete("/gift-cards/{id}/blocking")
async def unblock_card(request: Request, id: UUID, scope: Scope = allow(EDIT_CUSTOMERS)) -> Response:
    """Let a blocked gift card be used again."""

    async def run(tx: Tx) -> AccountFacts:
        await queries.card(tx, id)
        await desk.unblock(tx, id)
        return await queries.card(tx, id)

    return json_answer(_shown(await db(request).run(scope, run)))


@router.get("/customers/{id}/accounts")
async def list_accounts(request: Request, id: UUID, scope: Scope = allow(VIEW_CUSTOMERS)) -> Response:
    """List what a customer has and owes; there are a few at most."""
    async with db(request).read(scope) as read:
        return json_answer({"items": [_shown(one) for one in await queries.accounts_of(read, id)], "next": None})


@router.post("/tills/{till}/value/check")
async def check_at_till(request: Request, till: UUID, asked: Asking, scope: Scope = allow(SELL)) -> Response:
    """Say what a gift card or a customer has to pay with: {items: [account]}; 30 a minute for each caller."""
    await _slowly(request, scope)
    async with db(request).read(scope) as read:
        await tenants.till(read, till)
        found = [await _found(request, read, asked.code)] if asked.code is not None else []
    if asked.code is None and asked.customer is not None:
        found = await _theirs(request, scope, asked.customer)
    return json_answer({"items": [_shown(one) for one in found], "next": None})


async def _theirs(request: Request, scope: Scope, customer: UUID) -> list[AccountFacts]:
    """List what a customer has and may owe; who may owe for the first time gets the account for it."""
    async with db(request).read(scope) as read:
        found = await queries.accounts_of(read, customer)
        if scope.only_looks or not await queries.needs_account(read, customer):
            return found
    await db(request).run(scope, account_of, customer, ACCOUNT)
    async with db(request).read(scope) as read:
        return await queries.accounts_of(read, customer)


async def _slowly(request: Request, scope: Scope) -> None:
    await pace(request, "value.check", f"{scope.tenant}:{scope.actor.id}:{scope.device}")


async def _found(request: Request, read: Read, code: str) -> AccountFacts:
    found = await queries.find(read, keyring(request), code)
    if found is None:
        raise NotFound("gift_card")
    return found


def _shown(one: AccountFacts) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "customer": one.customer,
        "last_four": one.last_four,
        "balance": one.balance_minor,
        "spendable": one.spendable_minor,
        "expires_on": one.expires_on,
        "blocked": one.blocked_at is not None,
        "expired": one.expired,
        "created_at": one.created_at,
    }


def _moved(one: MoveFacts) -> dict[str, Any]:
    return {
        "id": one.id,
        "cause": one.cause,
        "amount": one.amount_minor,
        "lacking": one.lacking_minor,
        "balance_after": one.balance_after_minor,
        "source": one.source,
        "sale": one.sale,
        "reason": one.reason,
        "by": one.actor_name,
        "at": one.at,
    }
