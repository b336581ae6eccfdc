"""What happens to an account, in the platform's trail and in those of the businesses that its person belongs to."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection

from retail.audit.operations import note, platform_scope
from retail.identity.queries import Place
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import db, edge

_MOST_PLACES: Final = 5
log = logging.getLogger("countertop.identity")


async def record(
    connection: HTTPConnection, action: str, person: UUID, name: str, places: list[Place], **facts: object
) -> None:
    """Put it onto the platform's chain, into the businesses' trails and into the log; outside of any unit of work."""
    here = edge(connection)
    log.info(action, extra={"subject": str(person)})
    who = Actor("person", person, name)
    await note(
        db(connection),
        platform_scope(who, ip=here.ip, request_id=here.request_id),
        action,
        "person",
        person,
        **facts,
    )
    for place in places[:_MOST_PLACES]:
        scope = Scope(place.tenant_id, who, request_id=here.request_id, ip=here.ip)
        async with db(connection).begin(scope) as tx:
            tx.audit(action, "person", person, **facts)
            tx.emit(AccessChanged(person))  # other processes' sockets prove themselves again


async def record_refusal(
    connection: HTTPConnection, person: UUID | None, way: str, action: str = "sign_in", *, name: str = ""
) -> None:
    """Put a refused sign-in (or `action`) onto the platform's chain; call it outside of any unit of work.

    It is one write on that one chain, whoever it was tried for: a write for each business of the person would tell by
    its time which accounts exist. A worker tells the businesses a moment later (guesses.py).
    `way` is what didn't fit: password, code, passkey, sso, token. `name` is for somebody who is signed in already;
    of anybody else nobody knows who it was.
    """
    here = edge(connection)
    scope = platform_scope(Actor("person", person, name), ip=here.ip, request_id=here.request_id)
    await note(db(connection), scope, f"person.{action}_refused", "person", person, way=way)
