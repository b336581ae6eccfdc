"""The JSON API of identity: tokens for programs that sign in as a person, and who they are."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from retail.identity import queries, tokens
from retail.identity.credentials import check_credentials
from retail.identity.entering import owes_second_factor, prove_code
from retail.identity.errors import CodeNeeded, TokenSpent
from retail.identity.queries import Account, Place
from retail.identity.sessions import Ended, forget
from retail.identity.sign_ins import note_sign_in
from retail.identity.standing import second_factor_by
from retail.identity.tokens import TokenPair
from retail.kit.errors import Invalid, NotFound, SecondFactorNeeded
from retail.kit.text import _
from retail.runtime.db import Unit
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db, edge
from retail.runtime.web.routing import PUBLIC, SIGNED_IN

router = APIRouter(tags=["identity"])


class Credentials(BaseModel):
    """What a person signs in with. `tenant` is needed by people who belong to several businesses."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=254)
    password: str = Field(max_length=256)
    otp: str | None = Field(None, max_length=40, description="A code of the app, or a recovery code.")
    tenant: str | None = Field(None, max_length=40, description="The business's slug.")


class Renewal(BaseModel):
    """What a program goes on with."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field(max_length=100)


class Tokens(BaseModel):
    """An access token, and the refresh token that gets the next pair once."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int = Field(description="Seconds that the access token lives.")


class StoreRef(BaseModel):
    """A store, by id and name."""

    id: UUID
    code: str
    name: str


class Me(BaseModel):
    """Who asks, for which business, with which rights."""

    id: UUID | None
    name: str
    email: str | None
    kind: str
    role: str
    tenant: dict[str, str | bool | int | UUID]
    permissions: list[str]
    stores: list[StoreRef]


@router.post("/auth/token", openapi_extra={"x-permission": PUBLIC})
async def make_token(request: Request, credentials: Credentials) -> Tokens:
    """Sign in with e-mail address and password, and `otp` where the account has a second factor.

    401 where they don't fit, with the code otp_needed where only the second factor is missing; 429 after too many
    tries; 403 second_factor_needed where the business asks for one that isn't set up yet.
    """
    account = await check_credentials(request, credentials.email.strip().lower(), credentials.password)
    if await owes_second_factor(request, account.id):
        await _prove_second(request, account, credentials.otp)
    async with db(request).platform() as unit:
        place = _pick(await queries.places(unit, account.id), _slug(request) or credentials.tenant)
        await _refuse_overdue(unit, account.id, place.tenant_id)
        proofs = ("password", "totp") if credentials.otp else ("password",)
        await note_sign_in(unit, account.id, request, "accepted", proofs)
    scope = Scope(
        place.tenant_id,
        Actor("person", account.id, account.name),
        request_id=edge(request).request_id,
        ip=edge(request).ip,
    )
    pair = await db(request).run(scope, tokens.issue_pair, account.id, account.name, place.role)
    return _tokens(pair)


@router.post("/auth/refresh", openapi_extra={"x-permission": PUBLIC})
async def refresh_token(request: Request, renewal: Renewal) -> Tokens:
    """Use up a refresh token for the next pair. One that was used before voids its whole family."""
    scope = await _token_scope(request, renewal.refresh_token)
    pair = await db(request).run(scope, tokens.renew_pair, renewal.refresh_token)
    if isinstance(pair, Ended):
        forget(request, pair)
    if not isinstance(pair, tokens.TokenPair):
        raise TokenSpent
    return _tokens(pair)


@router.post("/auth/logout", status_code=204, openapi_extra={"x-permission": PUBLIC})
async def revoke(request: Request, renewal: Annotated[Renewal | None, Body()] = None) -> Response:
    """Void the family of the refresh token in the body, else of the access token that the request came with."""
    bearer = request.headers.get("authorization", "")[7:].strip()
    secret = renewal.refresh_token if renewal else bearer
    scope = await _token_scope(request, secret)
    ended = await db(request).run(scope, tokens.revoke_token, secret)
    if ended is not None:
        forget(request, ended)
    return Response(status_code=204)


@router.get("/me", openapi_extra={"x-permission": SIGNED_IN})
async def me(request: Request, scope: Scope = allow(SIGNED_IN)) -> Me:
    """Tell who asks, for which business, with which rights, in which stores."""
    here = edge(request)
    facts = here.tenant
    if facts is None:
        raise NotFound("tenant")
    async with db(request).read(scope) as read:
        rows = await read.fetch("SELECT id, code, name FROM store WHERE tenant_id = $1 ORDER BY code", read.tenant)
    return Me(
        id=scope.actor.id,
        name=scope.actor.name,
        email=here.person.email if here.person else None,
        kind=scope.actor.kind,
        role=scope.role,
        tenant={
            "id": facts.id,
            "slug": facts.slug,
            "name": facts.name,
            "currency": facts.currency,
            "exponent": facts.money.exponent,
            "locale": facts.locale,
            "timezone": facts.timezone,
            "prices_include_tax": facts.prices_include_tax,
        },
        permissions=sorted(scope.permissions),
        stores=[StoreRef(**row) for row in rows],
    )


async def _prove_second(request: Request, account: Account, otp: str | None) -> None:
    """Use the code up. Raises CodeNeeded without one, WrongCode, TooMany."""
    if not otp:
        raise CodeNeeded
    await prove_code(request, account.id, account.email, otp)


async def _refuse_overdue(unit: Unit, person: UUID, tenant: UUID) -> None:
    """Give no token to somebody whose second factor is overdue. Raises SecondFactorNeeded."""
    row = await unit.fetchrow("SELECT * FROM auth_second_factor_rule($1, $2)", person, tenant)
    due = second_factor_by(row, unit.now) if row else None
    if due is not None and due <= unit.now:
        raise SecondFactorNeeded


def _pick(places: list[Place], slug: str | None) -> Place:
    """Choose the business to sign in to. Raises Invalid where it must be named, NotFound where it isn't theirs."""
    if slug:
        found = next((place for place in places if place.slug == slug), None)
        if found is None:
            raise NotFound("tenant")
        return found
    if len(places) != 1:
        raise Invalid({"tenant": [_("Name the business to sign in to.")]})
    return places[0]


async def _token_scope(request: Request, secret: str) -> Scope:
    async with db(request).platform() as unit:
        tenant = await tokens.token_tenant(unit, secret) if secret else None
    if tenant is None:
        raise TokenSpent
    return Scope(tenant, Actor("token", None, "API"), request_id=edge(request).request_id)


def _slug(request: Request) -> str:
    return request.url.path.split("/")[2] if request.url.path.startswith("/t/") else ""


def _tokens(pair: TokenPair) -> Tokens:
    return Tokens(
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        token_type=pair.token_type,
        expires_in=pair.expires_in,
    )
