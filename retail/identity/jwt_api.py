"""Signed tokens for third parties: made in the API, checked by anybody with the published keys."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from retail.identity.errors import NoFurtherToken, ScopeBeyondRights
from retail.identity.permissions import ALL
from retail.identity.signed_tokens import Grant, audience_problems, key_set, sign
from retail.identity.token_keys import PUBLISHED_AHEAD
from retail.identity.token_rules import SIGNED_TOKEN
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db, edge, keyring, settings
from retail.runtime.web.routing import SIGNED_IN

router = APIRouter(tags=["identity"])


class SignedTokenWanted(BaseModel):
    """For whom the token is, and what it is to say of one's rights."""

    model_config = ConfigDict(extra="forbid")

    audience: str = Field(max_length=200, description="The party that will check it, as an address or a urn.")
    scope: list[str] | None = Field(
        None, max_length=100, description="Permissions to name, at least one; all of one's own without."
    )


class SignedToken(BaseModel):
    """A JWT (typ at+jwt, EdDSA) and how long it lives."""

    token: str
    token_type: str
    expires_in: int = Field(description="Seconds that it lives.")


@router.post("/auth/jwt", openapi_extra={"x-permission": SIGNED_IN})
async def make_signed_token(
    request: Request, wanted: SignedTokenWanted, scope: Scope = allow(SIGNED_IN)
) -> SignedToken:
    """Make a signed token for a third party; it ends with the session or token that asks for it.

    This very API takes it too where its audience is the address of this installation followed by /api/v1.
    403 `invalid_scope` names the permissions that were asked for and that one doesn't have.
    """
    here = edge(request)
    if scope.actor.id is None or (here.token is not None and here.token.kind == "signed") or here.device is not None:
        raise NoFurtherToken
    wrong = audience_problems(wanted.audience)
    if wrong:
        raise Invalid({"audience": wrong})
    if wanted.scope == []:
        raise Invalid({"scope": [_("Name at least one permission, or leave the field out for all of your own.")]})
    asked = scope.permissions if wanted.scope is None else frozenset(wanted.scope)
    if not asked <= ALL:
        raise Invalid({"scope": [_("Name permissions as /me lists them.")]})
    if wanted.scope is not None and not asked <= scope.permissions:
        raise ScopeBeyondRights(asked - scope.permissions)
    leaning = ("token", here.token.id) if here.token is not None else ("session", scope.session)
    if leaning[1] is None:
        raise NoFurtherToken
    grant = Grant(scope.actor.id, scope.tenant, wanted.audience, asked, *leaning)
    await db(request).run(scope, _note, wanted.audience)
    text = sign(keyring(request), settings(request).base_url, grant, db(request).clock.now())
    return SignedToken(token=text, token_type="Bearer", expires_in=int(SIGNED_TOKEN.total_seconds()))  # noqa: S106


async def jwks(request: Request) -> Response:
    """Give the public keys that signed tokens are checked with."""
    return JSONResponse(
        key_set(keyring(request), db(request).clock.now()),
        media_type="application/jwk-set+json",
        headers={"Cache-Control": f"public, max-age={int(PUBLISHED_AHEAD.total_seconds())}"},
    )


async def _note(tx: Tx, audience: str) -> None:
    tx.audit("token.signed", "person" if tx.actor.kind == "person" else "token", tx.actor.id, audience=audience)
