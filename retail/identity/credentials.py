"""Checking an e-mail address and a password: slowed down, and as slow for an address that nobody has.

Wrong tries are counted per account and network, per account and per network. Whoever comes with a browser that the
person has signed in with before is counted by that browser alone: nobody else's guesses can lock them out.
"""

from __future__ import annotations

import logging
from uuid import UUID

from starlette.requests import HTTPConnection

from retail.identity import queries
from retail.identity.cookies import BROWSER, read_cookie
from retail.identity.errors import WrongPassword
from retail.identity.passwords import hash_password, needs_rehash, password_fits
from retail.identity.queries import Account
from retail.identity.rules import PASSWORD_MOST
from retail.identity.sessions import client_ip
from retail.identity.sign_ins import knows_browser, note_sign_in
from retail.identity.trail import record_refusal
from retail.kit.errors import TooMany
from retail.kit.ids import new_id
from retail.runtime.telemetry import SIGN_INS
from retail.runtime.web.address import network_of
from retail.runtime.web.context import db
from retail.runtime.web.limits import limiter

log = logging.getLogger("countertop.identity")


async def check_credentials(connection: HTTPConnection, email: str, password: str) -> Account:
    """Give the account that both belong to. Raises WrongPassword, TooMany, Busy.

    A try counts before its password is looked at, so that many at once can't slip through.
    """
    browser = read_cookie(connection, BROWSER)
    async with db(connection).platform() as unit:
        account = await queries.account(unit, email)
        known = await knows_browser(unit, account.id if account else new_id(), browser)
    buckets = _buckets(connection, email, browser if known else None)
    try:
        await limiter(connection).attempt(*buckets)
    except TooMany:
        SIGN_INS.labels("throttled").inc()
        log.warning("sign-in throttled", extra={"ip": client_ip(connection)})
        raise
    fits = await password_fits(password[: PASSWORD_MOST + 1], account.password_hash if account else None)
    if account is None or not fits:
        await _refuse(connection, account)
        raise WrongPassword
    await limiter(connection).take_back(*buckets[:1], whole=True)
    await limiter(connection).take_back(*buckets[1:])
    SIGN_INS.labels("accepted").inc()
    await _rehash(connection, account, password)
    return account


async def check_own_password(connection: HTTPConnection, person: UUID, password: str, session: bytes) -> None:
    """Let somebody who is signed in prove their password. Raises WrongPassword, TooMany, Busy."""
    bucket = ("confirm", session.hex())
    await limiter(connection).attempt(bucket)
    async with db(connection).platform() as unit:
        account = await queries.account_of(unit, person)
    if not await password_fits(password[: PASSWORD_MOST + 1], account.password_hash):
        await record_refusal(connection, person, "password", "confirmation", name=account.name)
        raise WrongPassword
    await limiter(connection).take_back(bucket, whole=True)


def _buckets(connection: HTTPConnection, email: str, known_browser: bytes | None) -> list[tuple[str, str]]:
    if known_browser is not None:
        return [("password.known", f"{email} {known_browser.hex()}")]
    network = network_of(client_ip(connection))
    return [("password.pair", f"{email} {network}"), ("password.account", email), ("password.network", network)]


async def _refuse(connection: HTTPConnection, account: Account | None) -> None:
    """Write it down, with or without an account: the same rows either way."""
    SIGN_INS.labels("refused").inc()
    subject = str(account.id) if account else ""
    log.warning("sign-in refused", extra={"ip": client_ip(connection), "subject": subject})
    async with db(connection).platform() as unit:
        await note_sign_in(unit, account.id if account else None, connection, "refused", ("password",))
    await record_refusal(connection, account.id if account else None, "password")


async def _rehash(connection: HTTPConnection, account: Account, password: str) -> None:
    """Hash a password anew that was hashed with weaker parameters; this is the only moment it is known."""
    if not needs_rehash(account.password_hash):
        return
    stronger = await hash_password(password)
    async with db(connection).platform() as unit:
        await unit.execute("SELECT auth_rehash_password($1, $2, $3)", account.id, account.password_hash, stronger)
