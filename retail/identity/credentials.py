"""Checking an e-mail address and a password: throttled, and as slow for an address that nobody has."""

from __future__ import annotations

import logging

from starlette.requests import HTTPConnection

from retail.identity import queries
from retail.identity.errors import WrongPassword
from retail.identity.passwords import password_fits
from retail.identity.queries import Account
from retail.identity.rules import PASSWORD_MOST
from retail.identity.sessions import client_ip
from retail.identity.throttle import Throttle
from retail.kit.errors import TooMany
from retail.runtime.telemetry import SIGN_INS
from retail.runtime.web.context import db, edge

log = logging.getLogger("countertop.identity")


def throttle(connection: HTTPConnection) -> Throttle:
    """Give the process's memory of failed tries."""
    process = edge(connection).process
    if process.throttle is None:
        process.throttle = Throttle(db(connection).clock)
    found: Throttle = process.throttle
    return found


async def check_credentials(connection: HTTPConnection, email: str, password: str) -> Account:
    """Give the account that both belong to. Raises WrongPassword, TooMany, Busy.

    A try counts before its password is looked at, so that many at once can't slip through.
    """
    tries, ip = throttle(connection), client_ip(connection)
    try:
        tries.check(email, ip)
    except TooMany:
        SIGN_INS.labels("throttled").inc()
        log.warning("sign-in throttled", extra={"ip": ip})
        raise
    tries.failed(email, ip)
    async with db(connection).platform() as unit:
        account = await queries.account(unit, email)
    fits = await password_fits(password[: PASSWORD_MOST + 1], account.password_hash if account else None)
    if account is None or not fits:
        SIGN_INS.labels("refused").inc()
        log.warning("sign-in refused", extra={"ip": ip, "subject": str(account.id) if account else ""})
        raise WrongPassword
    tries.succeeded(email, ip)
    SIGN_INS.labels("accepted").inc()
    return account
