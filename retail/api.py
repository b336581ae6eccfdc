"""The JSON API: one FastAPI application made of each feature's router, with its description and its own docs page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from retail.analytics.api import router as analytics
from retail.analytics.insight_api import router as insights
from retail.audit.api import router as audit
from retail.automation.api import router as imports
from retail.automation.reports.api import router as reports
from retail.cash.api import router as cash
from retail.catalog.api import router as catalog
from retail.checks_api import router as checks
from retail.comms.api import router as talks
from retail.comms.till_api import router as till_news
from retail.customers.api import router as customers
from retail.foresight.api import router as foresight
from retail.identity.api import router as identity
from retail.identity.approval_api import router as approvals
from retail.identity.device_api import router as devices
from retail.identity.display_api import router as displays
from retail.identity.display_sockets import feed_socket
from retail.identity.jwt_api import router as signed_tokens
from retail.identity.people_api import router as people
from retail.identity.permissions import SELL
from retail.identity.roles_api import router as roles
from retail.kit.errors import DomainError
from retail.ledger.api import router as ledger
from retail.promotions.api import router as offers
from retail.promotions.coupon_api import router as coupons
from retail.recommending.api import router as recommending
from retail.risk.api import router as risk
from retail.runtime.realtime.sockets import events_socket
from retail.runtime.web.api import permission_of
from retail.runtime.web.errors import answer
from retail.runtime.web.responses import render
from retail.runtime.web.routing import PUBLIC, SIGNED_IN, get, websocket
from retail.sales.api import router as sales
from retail.sales.farewell_api import router as farewells
from retail.sales.held_api import router as held_sales
from retail.sales.layaways.api import router as layaways
from retail.sales.receipts.api import router as receipts
from retail.sales.return_api import router as till_returns
from retail.sales.till_api import router as till_protocol
from retail.segments.api import router as segments
from retail.stock.api import router as stock
from retail.stock.costing.api import router as costing
from retail.stock.counts.api import router as counts
from retail.stock.reordering.api import router as reordering
from retail.stock.stockroom_api import router as stockroom
from retail.stock.transfers.api import router as transfers
from retail.tenants.api import router as tenants
from retail.value.api import router as value

ROUTERS: Final[list[APIRouter]] = [  # those that tills ask most often first: routes are tried in turn
    sales,
    till_returns,
    receipts,
    till_protocol,
    held_sales,
    layaways,
    identity,
    signed_tokens,
    roles,
    people,
    tenants,
    catalog,
    customers,
    value,
    audit,
    ledger,
    counts,
    stock,
    stockroom,
    transfers,
    reordering,
    costing,
    cash,
    devices,
    displays,
    approvals,
    farewells,
    offers,
    coupons,
    analytics,
    insights,
    foresight,
    reports,
    recommending,
    segments,
    risk,
    till_news,
    talks,
    imports,
    checks,
]
ABOUT: Final = (
    "Money is whole minor units of the tenant's currency; quantities are decimal strings; times are RFC 3339 in UTC; "
    "ids are UUIDv7. Errors are problem documents (RFC 9457). POSTs that move money or goods take an Idempotency-Key."
)
_VERBS: Final = ("get", "post", "put", "patch", "delete")
_PROBLEM: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}


class Api(FastAPI):
    """FastAPI with permissions and problem documents in its description."""

    def openapi(self) -> dict[str, Any]:
        """Describe the API in OpenAPI 3.1; made once."""
        if self.openapi_schema is None or "x-countertop" not in self.openapi_schema:
            described = super().openapi()
            _complete(
                described, {(r.path, m.lower()): permission(r) for r in api_routes(self) for m in r.methods or ()}
            )
            self.openapi_schema = described
        return self.openapi_schema


def create_api() -> Api:
    """Make the API application; it is mounted at /api/v1 and at every tenant's /t/{slug}/api/v1."""
    api = Api(
        title="Countertop",
        version="1",
        description=ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": "/api/v1"}],
        exception_handlers={
            DomainError: answer,
            HTTPException: answer,
            RequestValidationError: answer,
            Exception: answer,
        },
    )
    api.router.routes += [
        *(route for router in ROUTERS for route in router.routes),  # flat, so that permissions can be read off them
        get("/openapi.json", _describe, permission=PUBLIC),
        get("/docs", _docs, permission=PUBLIC),
        websocket("/tills/{till:uuid}/display-feed", feed_socket, permission=SELL),
        websocket("/events", events_socket, permission=PUBLIC),  # its first message may carry the token
    ]
    return api


def api_routes(api: FastAPI) -> list[APIRoute]:
    """List the operations."""
    return [route for route in api.routes if isinstance(route, APIRoute)]


def permission(route: APIRoute) -> str | None:
    """Tell the permission that an operation asks for; None where somebody forgot to say."""
    asked = [found for dependant in _all(route.dependant) if (found := permission_of(dependant.call))]
    stated = (route.openapi_extra or {}).get("x-permission")
    return asked[0] if asked else stated


async def _describe(request: Request) -> Response:
    api: Api = request.app
    return JSONResponse(api.openapi(), headers={"Cache-Control": "no-cache"})


async def _docs(request: Request) -> Response:
    """Show the description to people: plain HTML, made on the server, no script."""
    api: Api = request.app
    described = api.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in described["paths"].items():
        for verb in _VERBS:
            if verb in verbs:
                operation = verbs[verb] | {"verb": verb.upper(), "path": path}
                groups.setdefault((operation.get("tags") or ["other"])[0], []).append(operation)
    schemas = described.get("components", {}).get("schemas", {})
    return render(request, "console/api/docs.html", groups=groups, schemas=schemas, about=ABOUT, described=described)


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)


def _complete(described: dict[str, Any], permissions: dict[tuple[str, str], str | None]) -> None:
    components = described.setdefault("components", {})
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-s"},
    }
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    failed = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for path, verbs in described["paths"].items():
        for verb in _VERBS:
            if verb not in verbs:
                continue
            operation = verbs[verb]
            wanted = permissions.get((path, verb))
            operation["x-permission"] = wanted
            responses = operation["responses"]
            responses.pop("422", None)
            if wanted != PUBLIC:
                operation["security"] = [{"bearer": []}, {"session": []}]
                responses["401"] = {"description": "Nobody is signed in.", **failed}
            if wanted not in {PUBLIC, SIGNED_IN}:
                responses["403"] = {"description": "The right is lacking.", **failed}
            responses["default"] = {"description": "Refused; the problem says why and what to do.", **failed}
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    described["x-countertop"] = "complete"
