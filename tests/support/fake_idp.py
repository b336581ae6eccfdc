"""An identity provider on the loopback that speaks OpenID Connect, rightly unless it is told to do wrong."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CLIENT = "countertop-client"
SECRET = "a client's secret: with / and ü"


@dataclass
class FakeIdp:
    """The provider. `claims` go over the right ones (None takes one away); `sign` may sign in a way of its own."""

    port: int
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}))
    subject: str = "person-1"
    email: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[FakeIdp, dict[str, Any]], str] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def authorize(self, address: str, **change: str | None) -> dict[str, str]:
        """Do what a person does there: sign in and be sent back; `change` alters what the browser brought."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        for name, value in change.items():
            asked.pop(name, None)
            if value is not None:
                asked[name] = value
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked.get("state", "")}

    def token(self, nonce: str) -> str:
        now = int(time.time())
        right = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300,
            "email": self.email, "email_verified": True, "name": "Nina", "auth_time": now,
        }  # fmt: skip
        claims = {name: value for name, value in (right | self.claims).items() if value is not None}
        if self.sign is not None:
            return self.sign(self, claims)
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key, algorithms=["ES256"])

    async def _describe(self, _request: Request) -> JSONResponse:
        self.fetched.append("metadata")
        right = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }
        return JSONResponse({name: value for name, value in (right | self.metadata).items() if value is not None})

    async def _keys(self, _request: Request) -> JSONResponse:
        self.fetched.append("keys")
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        scheme, _, pair = request.headers.get("authorization", "").partition(" ")
        user, _, password = base64.b64decode(pair).decode().partition(":") if scheme == "Basic" else ("", "", "")
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fits = (
            asked is not None
            and (unquote(user), unquote(password)) == (CLIENT, SECRET)
            and form.get("redirect_uri") == asked["redirect_uri"]
            and asked.get("code_challenge") == challenge
            and asked.get("code_challenge_method") == "S256"
        )
        if asked is None or not fits:
            return JSONResponse({"error": "invalid_grant", "inside": "a secret of the network"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self.token(asked["nonce"])})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )


def unsigned(_idp: FakeIdp, claims: dict[str, Any]) -> str:
    """Make a token with alg none."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def without_signature(idp: FakeIdp, claims: dict[str, Any]) -> str:
    """Make a token whose signature was cut off."""
    whole = jwt.encode({"alg": "ES256", "kid": "one"}, claims, idp.key, algorithms=["ES256"])
    return whole.rpartition(".")[0] + "."


def by_another_key(_idp: FakeIdp, claims: dict[str, Any]) -> str:
    """Make a token by a stranger's key that says it is the provider's, and brings that key along."""
    other = ECKey.generate_key("P-256", {"kid": "one"})
    header = {"alg": "ES256", "kid": "one", "jwk": other.as_dict(private=False)}
    return jwt.encode(header, claims, other, algorithms=["ES256"])


def by_the_public_key_as_a_secret(idp: FakeIdp, claims: dict[str, Any]) -> str:
    """Make a token with HS256 whose secret is the provider's public key."""
    import hmac

    head = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
    mac = hmac.new(idp.key.as_pem(private=False), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@contextlib.asynccontextmanager
async def identity_provider() -> AsyncIterator[FakeIdp]:
    """Run a provider in this loop until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    idp = FakeIdp(listening.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(idp.app(), lifespan="off", log_level="error"))
    serving = asyncio.create_task(server._serve([listening]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield idp
    finally:
        server.should_exit = True
        await serving
        listening.close()
