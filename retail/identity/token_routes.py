"""Addresses of tokens: SITE outside of any tenant, ROUTES inside of one."""

from __future__ import annotations

from retail.identity.handlers import programs, tokens
from retail.identity.jwt_api import jwks
from retail.identity.permissions import MANAGE_TOKENS
from retail.runtime.web.routing import PUBLIC, SIGNED_IN, get, post

SITE = [
    get("/.well-known/jwks.json", jwks, permission=PUBLIC),
    post("/account/programs/{family}/end", programs.end, permission=SIGNED_IN),
]
ROUTES = [
    get("/tokens", tokens.index, permission=MANAGE_TOKENS, confirm=True),
    get("/tokens/new", tokens.new, permission=MANAGE_TOKENS, confirm=True),
    post("/tokens", tokens.create, permission=MANAGE_TOKENS, confirm=True),
    post("/tokens/{token}/revocation", tokens.revoke, permission=MANAGE_TOKENS, confirm=True),
]
