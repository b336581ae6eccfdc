"""The way in: what lies between the factors, and the one place where a person's session is opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.responses import Response

from retail.identity import queries
from retail.identity.account_mail import tell
from retail.identity.cookies import ATTEMPT, BROWSER, CHALLENGE, browser_secret, give_cookie, read_cookie, take_cookie
from retail.identity.errors import SignInTooOld, WrongCode
from retail.identity.factors import second_factors, use_code
from retail.identity.queries import Place
from retail.identity.rules import BETWEEN_FACTORS, digest, new_secret
from retail.identity.sessions import open_session
from retail.identity.sign_ins import know_browser, knows_browser, note_sign_in
from retail.identity.trail import record, record_refusal
from retail.kit.errors import TooMany
from retail.runtime.telemetry import SIGN_INS
from retail.runtime.web.context import Person, db, keyring
from retail.runtime.web.limits import limiter


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who is in: their page, and the secrets that their browser gets."""

    person: Person
    places: list[Place]
    session: str
    browser: str

    def give(self, response: Response, connection: HTTPConnection) -> Response:
        """Hand the browser its session; what led there is forgotten."""
        give_cookie(response, connection, self.session)
        give_cookie(response, connection, self.browser, BROWSER)
        for kind in (ATTEMPT, CHALLENGE):
            if read_cookie(connection, kind) is not None:
                take_cookie(response, connection, kind)
        return response


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody whose first factor was right, and who still owes the second."""

    token_hash: bytes
    person: UUID
    email: str
    factors: frozenset[str]


async def enter(connection: HTTPConnection, person: UUID, factors: Iterable[str]) -> Entered:
    """Open a session for somebody who proved all that is asked of them; tell them where the browser is new."""
    proofs = sorted(set(factors))
    browser = browser_secret(connection)
    async with db(connection).platform() as unit:
        account = await queries.account_of(unit, person)
        session = await open_session(unit, person, connection, proofs, browser=digest(browser))
        is_new = await know_browser(unit, person, digest(browser))
        await note_sign_in(unit, person, connection, "accepted", proofs, new_browser=is_new)
        if is_new:
            await tell(unit, connection, account.email, "new_browser")
        if "recovery" in proofs:
            await tell(unit, connection, account.email, "code_used")
        places = await queries.places(unit, person)
    await record(connection, "person.signed_in", person, account.name, places, factors=proofs)
    known = Person(person, account.name, account.email, operator=account.operator)
    return Entered(known, places, session, browser)


async def owes_second_factor(connection: HTTPConnection, person: UUID) -> bool:
    """Claim that a password alone doesn't let this person in."""
    async with db(connection).platform() as unit:
        return (await second_factors(unit, person)).any


async def begin_attempt(connection: HTTPConnection, person: UUID, factors: Iterable[str]) -> str:
    """Remember for ten minutes that the first factor was right; the secret is the browser's, and is no session."""
    secret = new_secret()
    async with db(connection).platform() as unit:
        await unit.execute(
            "SELECT auth_begin_sign_in($1, $2, $3, $4, $5)",
            digest(secret),
            person,
            sorted(factors),
            unit.now,
            unit.now + BETWEEN_FACTORS,
        )
    return secret


async def attempt_of(connection: HTTPConnection) -> Attempt | None:
    """Find the attempt that this browser has begun."""
    token_hash = read_cookie(connection, ATTEMPT)
    if token_hash is None:
        return None
    async with db(connection).platform() as unit:
        row = await unit.fetchrow("SELECT * FROM auth_sign_in_attempt($1, $2)", token_hash, unit.now)
    return Attempt(token_hash, row["person_id"], row["email"], frozenset(row["factors"])) if row else None


async def finish_attempt(connection: HTTPConnection, attempt: Attempt, typed: str) -> Entered:
    """Let somebody in whose code fits. Raises WrongCode, SignInTooOld after too many (they begin again)."""
    try:
        proof = await prove_code(connection, attempt.person, attempt.email, typed)
    except TooMany as stop:
        await _drop(connection, attempt)
        raise SignInTooOld from stop
    if not await _drop(connection, attempt):
        raise SignInTooOld
    return await enter(connection, attempt.person, attempt.factors | {proof})


async def prove_code(connection: HTTPConnection, person: UUID, email: str, typed: str) -> str:
    """Use up a code of a person and tell its kind. Raises WrongCode; TooMany once the limit is reached, with a mail."""
    async with db(connection).platform() as unit:
        browser = read_cookie(connection, BROWSER)
        known = await knows_browser(unit, person, browser)
    key = f"{person} {browser.hex()}" if known and browser else str(person)
    buckets = (("code", key), ("code.day", key))
    try:
        await limiter(connection).attempt(*buckets)
    except TooMany:
        SIGN_INS.labels("throttled").inc()
        await _warn(connection, person, email)
        raise
    async with db(connection).platform() as unit:
        proof = await use_code(unit, keyring(connection), person, typed)
        if proof is None:
            SIGN_INS.labels("refused").inc()
            await note_sign_in(unit, person, connection, "code_refused", ("password",))
    if proof is None:
        await record_refusal(connection, person, "code")
        raise WrongCode
    await limiter(connection).take_back(*buckets, whole=True)
    return proof


async def _warn(connection: HTTPConnection, person: UUID, email: str) -> None:
    """Tell somebody that their password is known to a guesser of codes; once an hour is enough."""
    with contextlib.suppress(TooMany):
        await limiter(connection).attempt(("code.mail", str(person)))
        async with db(connection).platform() as unit:
            await tell(unit, connection, email, "wrong_codes")


async def _drop(connection: HTTPConnection, attempt: Attempt) -> bool:
    """End an attempt; claims that it was still there, so that one attempt lets in once."""
    async with db(connection).platform() as unit:
        return await unit.fetchval("SELECT auth_end_sign_in($1)", attempt.token_hash) is not None
