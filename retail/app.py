"""The web application: create_app(settings) puts routes, middleware and lifespan together; nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from retail.analytics.pocket.reach import allowed
from retail.analytics.sections.insights.gathering import FURTHER
from retail.api import create_api
from retail.foresight.insights import falling
from retail.identity import device_pages
from retail.identity.display_sockets import display_socket
from retail.identity.doorkeeper import Doorkeeper
from retail.identity.looking import Looking
from retail.identity.permissions import SELL
from retail.identity.proof import still_holds
from retail.identity.sockets import SocketDoorman
from retail.live import switchboard
from retail.routes import SITE, TENANT, places
from retail.runtime import doorbell
from retail.runtime.db import Database
from retail.runtime.faults import kept
from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.hub import Hub
from retail.runtime.realtime.sockets import live_socket
from retail.runtime.realtime.wire import Wire
from retail.runtime.web import health, reports, till_reports
from retail.runtime.web.assets import ROOT, Assets
from retail.runtime.web.card_numbers import CardNumbers
from retail.runtime.web.context import Process, db, scope
from retail.runtime.web.errors import answer
from retail.runtime.web.headers import TILL_HEADERS, SafeHeaders
from retail.runtime.web.hosts import Hosts, first_part
from retail.runtime.web.maintenance import Maintenance
from retail.runtime.web.middleware import BodyLimit, Entrance, LastResort, OriginGuard
from retail.runtime.web.names import OwnNames
from retail.runtime.web.pace import Pacing
from retail.runtime.web.pages import environment, to_html
from retail.runtime.web.refusals import Refusals
from retail.runtime.web.responses import redirect
from retail.runtime.web.routing import PUBLIC, SIGNED_IN, get, post, websocket, within_tenant
from retail.runtime.web.shape import Shape
from retail.runtime.web.shell import Shell, worker_routes
from retail.runtime.web.static import Folder
from retail.sales.claims import note_listeners
from retail.settings import Settings
from retail.tenants.queries import till
from retail.tenants.standstill import Standstill
from retail.vigilance.insights import missed

KIOSK: Final = ROOT / "kiosk"
_PACK_ABOVE: Final = 1024
_PACK_LEVEL: Final = 4


def create_app(settings: Settings, *, database: Database | None = None) -> Starlette:
    """Make the application. It opens its own database when it starts, unless it is given one (which it won't close)."""
    watch = settings.environment == "development"  # a test changes no file, and looking costs a tenth of a page
    environment().auto_reload = watch
    process = Process(settings, Assets(watch=watch), database, places=places)
    if database is not None:
        database.prove = still_holds
    static, kiosk = Folder(ROOT / "static", watch=watch), Folder(KIOSK, watch=watch)
    shell = Shell(static, kiosk, watch=watch)
    _tell_below(shell)
    api = create_api()

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if settings.production:
            static.warm()
            kiosk.warm()
            _ = shell.edition().packed
        async with running(process):
            yield

    technical = _technical(static, kiosk, shell)
    parts = {first_part(getattr(route, "path", "")) for route in [*SITE, *technical]}
    parts |= {"static", "kiosk", "favicon.ico"}

    def shared(path: str) -> bool:
        """Claim that a path belongs to no business, and is the same at every host."""
        return first_part(path) in parts - {"", "t", "platform", "api"}

    app = Starlette(
        routes=[
            *SITE,
            *technical,
            Mount("/static", static),
            Mount("/kiosk", kiosk),
            within_tenant([*TENANT, *_of_tenant(kiosk), Mount("/api/v1", api)]),
            Mount("/api/v1", api),
        ],
        middleware=[
            Middleware(Entrance, process=process),
            Middleware(Refusals),
            Middleware(SafeHeaders),
            Middleware(GZipMiddleware, minimum_size=_PACK_ABOVE, compresslevel=_PACK_LEVEL),
            Middleware(LastResort),
            Middleware(Shape),
            Middleware(OwnNames, settings=settings),
            Middleware(Hosts, base_domain=settings.base_domain, is_shared=shared),
            Middleware(BodyLimit),
            Middleware(OriginGuard),
            Middleware(Doorkeeper),
            Middleware(Looking),
            Middleware(Pacing),
            Middleware(CardNumbers),
            Middleware(Standstill),
            Middleware(Maintenance),
        ],
        exception_handlers={HTTPException: answer},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would tell whether an address exists
    app.state.process = process
    return app


def _tell_below(shell: Shell) -> None:
    """Give features what lies above them: identity the version of the till, analytics more to look at."""
    device_pages.CLIENT.version = lambda: shell.edition().version
    FURTHER.sources = (falling, missed)


@contextlib.asynccontextmanager
async def running(process: Process) -> AsyncIterator[None]:
    """Open what the process stands on, and close it again: database, doorbell, Redis, live hub."""
    settings = process.settings
    bell = doorbell.Doorbell(settings.redis_url)
    own = process.database is None
    database = process.database or await Database.connect(
        settings.database_url,
        size=settings.pool_size,
        statement_cache_size=settings.statement_cache_size,
        ring=bell.ring,
        reports_url=settings.report_database_url,
    )
    process.database = database
    database.prove = still_holds
    process.redis = doorbell.connect(settings.redis_url) if settings.redis_url else None
    process.hub = Hub(
        database,
        settings.redis_url,
        switchboard(),
        doorman=SocketDoorman(database, note_listeners),
        paint=_painter(process),
    )
    ringing = asyncio.create_task(bell.run(), name="doorbell")
    process.wire = Wire(settings.redis_url)
    await asyncio.gather(process.hub.start(), process.wire.start())
    try:
        async with kept(database, "web"):
            yield
    finally:
        await asyncio.gather(process.wire.stop(), process.hub.stop())
        ringing.cancel()
        await asyncio.wait({ringing})
        if process.redis is not None:
            await process.redis.aclose()
        if own:
            await database.close()
            process.database = None


def _page(kiosk: Folder, name: str, more: Mapping[str, str] = MappingProxyType({})) -> Response:
    """Give a page of the till's own: the same bytes for every shop."""
    loaded = kiosk.load(name)
    if loaded is None:
        raise HTTPException(404)
    return Response(loaded.body, media_type="text/html", headers={"Cache-Control": "no-cache", **more})


def _technical(static: Folder, kiosk: Folder, shell: Shell) -> list[BaseRoute]:
    async def to_start(request: Request) -> Response:
        """Lead from a shop's bare address to its first page."""
        return redirect(request, "/")

    async def enrolment(_request: Request) -> Response:
        """Give the page on which a browser becomes a device: the same bytes for everybody, who has a code or not."""
        return _page(kiosk, "till/enrol.html")

    async def far_display(_request: Request) -> Response:
        """Give the page on which another device becomes a till's customer display, and is one."""
        return _page(kiosk, "till/display.html")

    async def office_worker(request: Request) -> Response:
        """Give the back office's worker; it may have the owner's app or one section of pages, and no page of a till."""
        loaded = static.load("js/office_worker.js")
        if loaded is None:
            raise HTTPException(404)
        widest = allowed(request.query_params.get("to", ""), request.query_params.get("at", ""))
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": widest}
        return Response(loaded.body, media_type="text/javascript", headers=headers)

    return [
        get("/t/{slug}", to_start, permission=SIGNED_IN),
        get("/kiosk", enrolment, permission=PUBLIC),
        get("/display", far_display, permission=PUBLIC),
        websocket("/display/live", display_socket, permission=PUBLIC),  # its cookie says which display it is
        *worker_routes(shell),
        get("/office.js", office_worker, permission=PUBLIC),
        post(reports.PATH, reports.create, permission=PUBLIC, most_bytes=reports.MOST_BYTES),
        post(till_reports.PATH, till_reports.create, permission=PUBLIC, most_bytes=till_reports.MOST_BYTES),
        get("/healthz", health.healthz, permission=PUBLIC),
        get("/readyz", health.readyz, permission=PUBLIC),
        get("/metrics", health.metrics, permission=PUBLIC),
    ]


def _of_tenant(kiosk: Folder) -> list[BaseRoute]:
    async def shell(request: Request) -> Response:
        """Give the till's shell: the same bytes for every shop, so a service worker may keep it. Raises NotFound."""
        async with db(request).read(scope(request)) as read:
            await till(read, request.path_params["till"])
        return _page(kiosk, "till/shell.html", TILL_HEADERS)

    async def display(request: Request) -> Response:
        """Give the customer display: it shows what the till on the same device tells it. Raises NotFound."""
        async with db(request).read(scope(request)) as read:
            await till(read, request.path_params["till"])
        return _page(kiosk, "till/display.html")

    return [
        get("/tills/{till:uuid}/sell", shell, permission=SELL),
        get("/tills/{till:uuid}/display", display, permission=SELL),
        websocket("/live", live_socket, permission=SIGNED_IN),
    ]


def _painter(process: Process) -> Any:  # noqa: ANN401 - realtime.canvas.Paint
    def paint(audience: Audience, template: str, context: Mapping[str, Any]) -> str:
        return to_html(template, assets=process.assets, tenant=audience.tenant, **context)

    return paint
