"""Every page, socket and operation of the API names a permission of the table, and the table's copies are true."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from retail.api import permission as permission_of_operation
from retail.app import create_app
from retail.identity import permissions
from retail.identity.permissions import ALL, GROUPS, OWNERS_KEEP, PERMISSIONS, ROLES, TEMPLATES
from retail.runtime.web.api import allow
from retail.runtime.web.routing import OPERATOR, PUBLIC, SIGNED_IN, get, websocket
from retail.runtime.web.static import Folder
from retail.settings import Settings
from scripts.write_permissions import PAGE, page

KNOWN = ALL | {PUBLIC, SIGNED_IN, OPERATOR}
CODE = sorted((Path(__file__).resolve().parents[2] / "retail").rglob("*.py"))


def unguarded(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[str]:
    """Name the addresses that anybody could use because nobody said who may."""
    for route in routes:
        path = prefix + getattr(route, "path", "?")
        if isinstance(route, Mount):
            if isinstance(route.app, Folder):
                continue
            yield from unguarded(route.app.routes if isinstance(route.app, FastAPI) else route.routes or (), path)
            if not isinstance(route.app, FastAPI) and not route.routes:
                yield path
        elif isinstance(route, APIRoute):
            if permission_of_operation(route) not in KNOWN:
                yield path
        elif getattr(route, "permission", None) not in KNOWN:
            yield path


def test_every_page_socket_and_operation_names_a_permission_of_the_table() -> None:
    assert list(unguarded(create_app(Settings(environment="test")).routes)) == []


async def _page(_request: object) -> Response:
    return Response()


async def _socket(_socket: object) -> None:
    return


def test_a_forgotten_permission_is_found_wherever_it_is_planted() -> None:
    router = APIRouter()
    router.get("/open")(lambda: None)
    router.get("/misspelt")(lambda scope=allow("veiw_sales"): None)
    router.get("/fine")(lambda scope=allow("view_sales"): None)
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    api.router.routes += router.routes
    planted = [
        Route("/page", _page),
        WebSocketRoute("/socket", _socket),
        get("/misspelt-page", _page, permission="veiw_sales"),
        get("/fine-page", _page, permission="view_sales"),
        websocket("/misspelt-socket", _socket, permission=""),
        Mount("/t", routes=[Route("/inner", _page), get("/fine", _page, permission=PUBLIC)]),
        Mount("/raw", app=_page),
        Mount("/api", api),
    ]
    assert list(unguarded(planted)) == [
        "/page", "/socket", "/misspelt-page", "/misspelt-socket", "/t/inner", "/raw", "/api/open", "/api/misspelt",
    ]  # fmt: skip


def test_the_table_is_whole() -> None:
    names = [one.name for one in PERMISSIONS]
    assert len(set(names)) == len(names) == len(ALL)
    assert {one.group for one in PERMISSIONS} == set(GROUPS)
    constants = {value for name, value in vars(permissions).items() if name.isupper() and isinstance(value, str)}
    assert constants == ALL
    for role, rights in TEMPLATES.items():
        assert set(rights) <= ALL, role
        assert ROLES[role] <= ALL
        for name, right in rights.items():
            assert right.limit is None or (right.state == "allowed" and permissions.permission(name).limit), name
    assert TEMPLATES["owner"].keys() >= OWNERS_KEEP


def test_code_asks_for_permissions_by_their_constants_only() -> None:
    asking = {"may", "may_in", "require", "require_in", "decide", "right", "reach", "narrowed", "allow"}
    literal = [
        f"{path.name}:{node.lineno}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in asking
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in ALL
    ]
    assert literal == []


def test_the_documentation_is_what_the_table_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m scripts.write_permissions"
