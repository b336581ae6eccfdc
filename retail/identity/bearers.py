"""Signed tokens at the door: they count in the API, and only while what they were made with still does."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from starlette.requests import HTTPConnection

from retail.identity.errors import SignedTokenRefused
from retail.identity.knowing import Known, Token, known_by
from retail.identity.signed_tokens import OWN_API, verify
from retail.identity.token_rules import Narrowing
from retail.runtime.db import Database
from retail.runtime.web.context import edge, keyring

_API: Final = re.compile(r"(/t/[^/]+)?/api/v1/.*")


async def by_signed_token(connection: HTTPConnection, database: Database, text: str) -> Known | None:
    """Find whom a signed token speaks for: it counts in the API, and only while what it was made with does.

    Raises SignedTokenRefused.
    """
    here = edge(connection)
    if not _API.fullmatch(connection.scope["path"]):
        return None
    issuer = here.process.settings.base_url
    grant = verify(keyring(connection), text, issuer, issuer + OWN_API, database.clock.now())
    async with database.platform() as unit:
        row = await unit.fetchrow(
            "SELECT * FROM auth_leans_on($1, $2, $3)", grant.leaning, grant.leaning_id, grant.tenant
        )
    if row is None:
        raise SignedTokenRefused
    known = await known_by(database, row["token_hash"], row["slug"], bearer=grant.leaning == "token")
    subject = None if known is None else known.person.id if known.person else known.actor.id
    if known is None or not known.role or subject != grant.subject:
        raise SignedTokenRefused
    if known.tenant is None or known.tenant.id != grant.tenant:
        raise SignedTokenRefused
    networks = known.token.networks if known.token else ()
    return replace(
        known,
        token=Token(grant.leaning_id, "signed", known.token.till if known.token else None, networks),
        holding=Narrowing(grant.permissions).cut(known.holding),
        standing=replace(known.standing, confirmed_at=None),
    )
