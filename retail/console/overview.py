"""The operator's first page: figures over all businesses, live; one reader per process for all who look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from retail.analytics.sparks import spark
from retail.audit.operations import platform_scope
from retail.console.businesses import STATUSES, TONES
from retail.console.figures import Overview, Part, Reader
from retail.identity.doorkeeper import Known, known_by
from retail.identity.sockets import session_key
from retail.kit.errors import Busy
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.realtime import connection as socket
from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.realtime.connection import Connection, close
from retail.runtime.realtime.guests import Guest, hearing
from retail.runtime.realtime.hub import Hub
from retail.runtime.realtime.sockets import take_in
from retail.runtime.realtime.wall import Wall
from retail.runtime.tenancy import Scope, TenantFacts
from retail.runtime.web.context import Process, db, edge
from retail.runtime.web.health import report
from retail.runtime.web.pages import to_html
from retail.runtime.web.responses import render
from retail.runtime.web.routing import OPERATOR
from retail.tenants.life import status_words

TOPIC: Final = "platform"
LIVE: Final = "/platform/live"
REGIONS: Final = ("now", "takings", "standings", "size", "queues", "parts")
"""Each is a template console/overview/_<name>.html, whose root is #overview-<name>."""


async def index(request: Request) -> Response:
    """Show the overview."""
    figures = await wall(edge(request).process).figures()
    return render(request, "console/overview/index.html", live=LIVE, **shown(figures))


async def overview_socket(websocket: WebSocket) -> None:
    """Serve an operator's page: its regions at once, and whatever changes."""
    hub = await take_in(websocket)
    if hub is None:
        return
    process = edge(websocket).process
    doorman = OperatorsDoorman(db(websocket), production=process.settings.production)
    try:
        guest = await doorman.by_session(websocket)
    except Busy:
        await close(websocket, socket.TRY_LATER)
        return
    hears = hearing(BOARD, guest.scope, [TOPIC]) if guest else {}
    if guest is None or not hears or not hub.has_seat(guest.key):
        code = socket.SIGNED_OUT if guest is None else socket.TRY_LATER if hears else socket.NOT_ALLOWED
        await close(websocket, code)
        return
    await _serve(hub, wall(process), Connection(websocket, guest, hears), doorman)


async def _serve(hub: Hub, on: Wall[Overview], connection: Connection, doorman: OperatorsDoorman) -> None:
    with hub.seat(connection):
        async with on.seen_by(connection.mailbox, connection.guest.audience.language):
            await connection.run(doorman, BOARD)


class _Board(Switchboard):
    """What is heard outside of any business: one topic, by operators. No business's socket knows it."""

    def permissions(self, topic: str) -> frozenset[str]:
        """Name the permissions that a listener of the topic needs; empty: there is no such topic."""
        return frozenset({OPERATOR}) if topic == TOPIC else frozenset()

    def store(self, topic: str) -> str | None:  # noqa: ARG002 - the same of any
        """Say that it is about no store."""
        return ""


BOARD: Final = _Board([])


class OperatorsDoorman:
    """Proves an operator by the session's cookie, when a socket opens and every minute while it is open."""

    def __init__(self, database: Database, *, production: bool) -> None:
        self._db, self._production = database, production

    async def by_session(self, websocket: WebSocket) -> Guest | None:
        """Prove who it is; None for anybody who isn't an operator. Raises Busy."""
        here = edge(websocket)
        if here.session is None:
            return None
        known = await known_by(self._db, here.session, "", bearer=False, fresh=True)
        return self._guest(known, session_key(here.session), here.language, here.request_id, here.ip)

    async def by_token(self, websocket: WebSocket, token: str) -> Guest | None:  # noqa: ARG002 - no token is
        """Let nobody in: a program's token is of one business."""
        return None

    async def heard(self, guest: Guest, topics: Sequence[str]) -> None:
        """Note nothing: no till listens here."""

    async def again(self, guest: Guest) -> Guest | None:
        """Prove an operator afresh; None: signed out, or an operator no longer. Raises Busy."""
        token_hash = bytes.fromhex(guest.key.partition(":")[2])
        known = await known_by(self._db, token_hash, "", bearer=False, fresh=True)
        return self._guest(known, guest.key, guest.audience.language, guest.scope.request_id, guest.scope.ip)

    def _guest(self, known: Known | None, key: str, language: str, request_id: str, ip: str) -> Guest | None:
        if known is None or known.person is None or not known.person.operator or known.gate.only_slug:
            return None
        if self._production and not known.standing.second_factor:
            return None
        bare = platform_scope(known.actor, ip=ip, request_id=request_id)
        scope = Scope(bare.tenant, bare.actor, frozenset({OPERATOR}), request_id=request_id, ip=ip)
        return Guest(scope, Audience(_PLATFORM, language or "en"), key)


_PLATFORM: Final = TenantFacts(
    PLATFORM, "", "Countertop", "", "EUR", "en", "UTC", prices_include_tax=True, cash_unit_minor=1
)


def wall(process: Process) -> Wall[Overview]:
    """Give the process's wall of these figures."""
    if process.overview is None:
        if process.database is None:
            raise RuntimeError("The database is opened when the application starts; this request came before.")

        def paint(figures: Overview) -> Mapping[str, str]:
            context = shown(figures)
            return {
                f"#overview-{name}": to_html(f"console/overview/_{name}.html", assets=process.assets, **context)
                for name in REGIONS
            }

        async def parts() -> list[Part]:
            return [Part(one.name, one.ok, one.required, one.detail) for one in (await report(process)).checks]

        process.overview = Wall(TOPIC, Reader(process.database, parts), paint)
    found: Wall[Overview] = process.overview
    return found


def shown(figures: Overview) -> dict[str, Any]:
    """Give what the regions are made of."""
    standings = [
        (status, status_words(status), TONES.get(status, ""), figures.standings[status])
        for status in STATUSES
        if figures.standings.get(status)
    ]
    return {"figures": figures, "spark": spark(figures.minutes[:-1]), "standings": standings}
