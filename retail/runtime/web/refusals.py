"""Refusals on the audit trail: who was kept from changing what, and why, also where a form only showed a sentence.

They are written after the answer, each in a short transaction of its own, so many of a caller and so many of a business
(limits.py). What is beyond that is one record that says so, and in the log as every request is.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from retail.kit.errors import Forbidden, TooMany
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Tx
from retail.runtime.notices import post_once
from retail.runtime.refused import hearing
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import Edge, db, edge
from retail.runtime.web.limits import limit
from retail.runtime.web.middleware import SAFE_METHODS, route_of

_MOST_OF_ONE: Final = 3
OFTEN: Final = "access.refused_often"
OFTEN_KIND: Final = "refused_often"
"""The notice's kind: it names nobody, for every member sees it; the trail does, to who may look at it."""
log = logging.getLogger("countertop.web")


class Refusals:
    """Stands round all that may refuse. Nobody's tries are not recorded here: signing in has its own records."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Run the application, then record what it refused."""
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with hearing() as heard:
            await self.app(scope, receive, watch)
        connection = HTTPConnection(scope)
        refused = heard if status >= 400 else [one for one in heard if one is edge(connection).refused]
        for one in refused[:_MOST_OF_ONE]:
            await note_refusal(connection, one)


async def note_refusal(connection: HTTPConnection, refused: Forbidden) -> None:
    """Record one refusal, unless there were too many; what goes wrong is logged, the answer is out already."""
    here = edge(connection)
    whose = _whose(here)
    if whose is None or here.process.database is None:
        return
    facts: dict[str, object] = {
        "why": refused.code,
        "request": f"{connection.scope['method']} {here.route or route_of(connection.scope)}",
    }
    if refused.permission:
        facts["permission"] = refused.permission
    caller = f"{whose.tenant} {whose.actor.kind} {whose.actor.id}"
    action = "access.refused"
    try:
        try:
            await limit(connection, "refusal", caller)
            await limit(connection, "refusal.business", str(whose.tenant))
        except TooMany:
            await limit(connection, "refusal.more", caller)
            await limit(connection, "refusal.business.more", str(whose.tenant))
            action = OFTEN
        await db(connection).run(whose, _note, action, facts)
    except TooMany:
        log.info("refused too often to record", extra=facts)
    except Exception:
        log.exception("a refusal was not recorded", extra=facts)


async def _note(tx: Tx, action: str, facts: dict[str, object]) -> None:
    tx.audit(action, "request", None, **facts)
    if action == OFTEN and tx.tenant != PLATFORM and tx.actor.id is not None:
        await post_once(tx, OFTEN_KIND, tx.actor.id)


def _whose(here: Edge) -> Scope | None:
    """Give the scope to record in: the business's, else the platform's; None where nobody is known."""
    if here.scope is not None:
        return replace(here.scope, stores=None, proved_at=None, only_looks=False)
    if here.person is not None:
        who = Actor("person", here.person.id, here.person.name)
        return Scope(PLATFORM, who, request_id=here.request_id, ip=here.ip)
    return None
