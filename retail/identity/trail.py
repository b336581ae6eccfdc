"""What happens to an account, in the trail of the businesses that its person belongs to."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection

from retail.identity.queries import Place
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import db, edge

_MOST_PLACES: Final = 5
log = logging.getLogger("countertop.identity")


async def record(
    connection: HTTPConnection, action: str, person: UUID, name: str, places: list[Place], **facts: object
) -> None:
    """Put it into the trails and into the log; call it outside of any unit of work."""
    here = edge(connection)
    log.info(action, extra={"subject": str(person)})
    for place in places[:_MOST_PLACES]:
        scope = Scope(place.tenant_id, Actor("person", person, name), request_id=here.request_id, ip=here.ip)
        async with db(connection).begin(scope) as tx:
            tx.audit(action, "person", person, **facts)
            tx.emit(AccessChanged(person))  # other processes' sockets prove themselves again
