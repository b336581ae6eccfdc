"""Talking to identity providers: metadata, keys, and a code for an identity token. Through the guarded client alone."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

from joserfc.jwk import KeySet

from retail.identity.entry_errors import SsoFailed
from retail.identity.oidc_rules import (
    Claims,
    Metadata,
    Question,
    authorization_address,
    believe,
    discovery_address,
    read_keys,
    read_metadata,
)
from retail.runtime.web.outgoing import Fetched, Outgoing, OutgoingFailed

_KEPT_SECONDS: Final = 600.0
_KEYS_AGAIN_SECONDS: Final = 30.0
_MOST_ISSUERS: Final = 500


class IdentityProviders:
    """The providers that this process has spoken to; their metadata and keys are remembered for ten minutes.

    A token whose key isn't among the remembered ones has the keys fetched anew, at most twice a minute per issuer.
    """

    def __init__(self, outgoing: Outgoing, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._outgoing, self._monotonic = outgoing, monotonic
        self._metadata: dict[str, tuple[float, Metadata]] = {}
        self._keys: dict[str, tuple[float, KeySet]] = {}

    async def metadata(self, issuer: str, *, fresh: bool = False) -> Metadata:
        """Give a provider's metadata. Raises SsoFailed."""
        known = self._metadata.get(issuer)
        now = self._monotonic()
        if known is not None and not fresh and now - known[0] < _KEPT_SECONDS:
            return known[1]
        found = read_metadata(issuer, await self._fetch(discovery_address(issuer), "metadata"))
        for address in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            try:
                self._outgoing.check(address)
            except OutgoingFailed as refused:
                raise SsoFailed("metadata: an address that we don't call") from refused
        if len(self._metadata) >= _MOST_ISSUERS:
            self._metadata.clear()
            self._keys.clear()
        self._metadata[issuer] = (now, found)
        return found

    async def keys(self, issuer: str, *, fresh: bool = False) -> KeySet:
        """Give a provider's keys. Raises SsoFailed."""
        known = self._keys.get(issuer)
        now = self._monotonic()
        if known is not None and now - known[0] < (_KEYS_AGAIN_SECONDS if fresh else _KEPT_SECONDS):
            return known[1]
        metadata = await self.metadata(issuer)
        found = read_keys(await self._fetch(metadata.jwks_uri, "keys"))
        self._keys[issuer] = (now, found)
        return found

    async def address(self, issuer: str, question: Question) -> str:
        """Give where a browser goes to answer a question. Raises SsoFailed."""
        return authorization_address(await self.metadata(issuer), question)

    async def claims(self, issuer: str, question: Question, secret: str, code: str, now: int) -> Claims:
        """Redeem a code and believe, or not, the token that comes for it. Raises SsoFailed."""
        token = await self._redeem(await self.metadata(issuer), question, secret, code)
        try:
            return believe(token, await self.keys(issuer), question, issuer, now)
        except SsoFailed as refused:
            if "not signed" not in refused.why:
                raise
        return believe(token, await self.keys(issuer, fresh=True), question, issuer, now)

    async def _redeem(self, metadata: Metadata, question: Question, secret: str, code: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": question.redirect_uri,
            "code_verifier": question.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret and metadata.basic:
            pair = f"{quote(question.client_id, safe='')}:{quote(secret, safe='')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        else:
            form |= {"client_id": question.client_id} | ({"client_secret": secret} if secret else {})
        sent = self._outgoing.post(metadata.token_endpoint, urlencode(form).encode(), headers=headers)
        answer = await self._ask(sent, "code")
        token = _json(answer).get("id_token")
        if not isinstance(token, str):
            raise SsoFailed("code: no identity token came for it")
        return token

    async def _fetch(self, address: str, what: str) -> bytes:
        return (await self._ask(self._outgoing.get(address), what)).body

    @staticmethod
    async def _ask(request: Any, what: str) -> Fetched:  # noqa: ANN401 - a coroutine of the guarded client
        try:
            fetched: Fetched = await request
        except OutgoingFailed as failed:
            raise SsoFailed(f"{what}: {failed.reason}") from failed
        if fetched.status != 200:
            raise SsoFailed(f"{what}: status {fetched.status // 100}xx")
        return fetched


def _json(fetched: Fetched) -> dict[str, Any]:
    try:
        found = json.loads(fetched.body)
    except ValueError as cause:
        raise SsoFailed("code: no JSON") from cause
    return found if isinstance(found, dict) else {}
