"""What the pages of one's own account share: who is there by a session, and rotating that session."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import queries
from retail.identity.account_mail import Happening, tell
from retail.identity.cookies import BROWSER, give_cookie, read_cookie
from retail.identity.queries import OwnAccount
from retail.identity.sessions import Ended, end_others, forget, open_session
from retail.identity.trail import record
from retail.kit.errors import NotFound, Unauthenticated
from retail.runtime.db import Unit
from retail.runtime.web.context import Person, db, edge


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody signed in with a browser: an API token is never enough to change an account."""

    person: Person
    session: bytes

    @property
    def id(self) -> UUID:
        """The person's id."""
        return self.person.id


def own(request: Request) -> Own:
    """Give who is there by a session. Raises Unauthenticated."""
    here = edge(request)
    if here.person is None or here.session is None:
        raise Unauthenticated
    return Own(here.person, here.session)


async def own_account(request: Request) -> OwnAccount:
    """Read the account of whoever is there."""
    async with db(request).platform() as unit:
        return await queries.account_of(unit, own(request).id)


async def change_credentials(
    request: Request, unit: Unit, happening: Happening, *, proof: str = "", end: bool = True
) -> tuple[str, Ended]:
    """Finish a change of somebody's credentials inside its transaction: notice, new session, the others ended.

    Gives the secret of the new session and what was ended; `settle` does the rest once this is committed.
    """
    who = own(request)
    factors = set(edge(request).factors) | ({proof} if proof else set())
    await tell(unit, request, who.person.email, happening)
    ended = await end_others(unit, who.id, who.session, happening) if end else Ended(who.id)
    secret = await open_session(unit, who.id, request, sorted(factors), browser=read_cookie(request, BROWSER))
    return secret, ended


async def settle(request: Request, response: Response, change: tuple[str, Ended], happening: Happening) -> Response:
    """Give the browser its new session, have every process forget the old ones, and put it into the trail."""
    who = own(request)
    secret, ended = change
    give_cookie(response, request, secret)
    forget(request, Ended(who.id, (*ended.sessions, who.session), ended.tokens))
    async with db(request).platform() as unit:
        places = await queries.places(unit, who.id)
    await record(request, f"person.{happening}", who.id, who.person.name, places)
    return response


def wanted_id(request: Request, name: str) -> UUID:
    """Read an id from the path. Raises NotFound."""
    try:
        return UUID(request.path_params[name])
    except ValueError as wrong:
        raise NotFound(name) from wrong
