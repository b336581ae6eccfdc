"""Answers: pages and partials, redirects that htmx understands too, toasts, JSON that keeps decimals exact."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import gzip
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from retail.runtime.web.context import edge
from retail.runtime.web.pages import to_html
from retail.runtime.web.proving import proof_address
from retail.runtime.web.uploads import Shelf

FLASH: Final = "flash"
_FLASH_SECONDS: Final = 60
_LEVEL: Final = 4  # of gzip: smaller costs more time than it saves in a shop's own network


def is_htmx(connection: HTTPConnection) -> bool:
    """Claim that htmx asked, so that a partial or a header is understood."""
    return connection.headers.get("hx-request") == "true"


def render(request: Request, template: str, status: int = 200, **context: object) -> Response:
    """Render a page or a partial with the globals of the request: person, tenant, nav, url, asset, money and so on."""
    here = edge(request)
    places = here.process.places
    said = _read_flash(request) if not is_htmx(request) else []
    given: dict[str, Any] = {
        "assets": here.process.assets,
        "tenant": here.tenant,
        "base": here.base,
        "person": here.person,
        "scope": here.scope,
        "nav": places(request) if places else [],
        "flash": said,
        "status": status,
        "second_factor_by": here.second_factor_by,
        "standing": here.standing,
        "looking": here.looking,
        "maintenance": here.message,
        "logo": logo_of(request),
        "prove": proof_address(request),
    }
    if here.language:
        given["language"] = here.language
    page = to_html(template, **(given | context))
    response = HTMLResponse(page, status)
    if said:
        response.delete_cookie(_flash_name(request), httponly=True, samesite="lax", secure=here.secure)
    return response


def logo_of(request: Request) -> str | None:
    """Give the name of the business's logo, None where there is none."""
    here = edge(request)
    return Shelf(here.process.settings, here.tenant.id).name_of("logo") if here.tenant else None


def redirect(
    request: Request,
    path: str,
    status: int = 303,
    *,
    said: str = "",
    tone: str = "ok",
    leads: tuple[str, str] = ("", ""),
    leave_tenant: bool = False,
) -> Response:
    """Send the browser to a path, written without the tenant's prefix; htmx gets 204 with HX-Redirect.

    `said` is shown once on top of the next page, with a link where it `leads` somewhere: path and words.
    `leave_tenant` takes the path as it is.
    """
    here = edge(request)
    target = quote(here.outward(path) if leave_tenant else here.base + path, safe="/?&=:%+,;@~*'()!$#[]")
    response = Response(status_code=204, headers={"HX-Redirect": target}) if is_htmx(request) else None
    answer = response or RedirectResponse(target, status)
    if said:
        flash = {"text": said, "tone": tone, "path": leads[0], "link": leads[1]}
        note = base64.urlsafe_b64encode(json.dumps(flash).encode()).decode()
        answer.set_cookie(_flash_name(request), note, _FLASH_SECONDS, httponly=True, samesite="lax", secure=here.secure)
    return answer


def lead_away(request: Request, address: str) -> Response:
    """Answer a form by leading to somebody else's page, from one of ours.

    Browsers follow no redirect from a form to another site: our policy's form-action is for those too.
    """
    return render(request, "shared/leaving.html", address=address, host=urlsplit(address).netloc)


def toast(response: Response, text: str, tone: str = "ok") -> Response:
    """Have the page show a short message beside whatever the response swaps. tone: ok, info, warn, bad."""
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": tone}})
    return response


def no_content(text: str = "", tone: str = "ok") -> Response:
    """Answer that it is done and nothing needs to be swapped, with a toast if there is something to say."""
    response = Response(status_code=204)
    return toast(response, text, tone) if text else response


def json_text(value: object) -> str:
    """Write JSON: decimals as strings, times as RFC 3339 in UTC, dataclasses as objects. Raises TypeError."""
    return _JSON.encode(value)


def json_answer(
    value: object, status: int = 200, *, media_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON as `json_text` writes it."""
    return Response(json_text(value), status, dict(headers or {}), media_type)


async def packed_answer(request: Request, value: object) -> Response:
    """Answer with JSON that may be large: written and compressed beside the loop, so that nobody waits for it."""
    gzipped = "gzip" in request.headers.get("accept-encoding", "")
    body = await asyncio.to_thread(_packed, value, gzipped=gzipped)
    headers = {"Content-Encoding": "gzip"} if gzipped else {}
    return Response(body, headers=headers | {"Vary": "Accept-Encoding"}, media_type="application/json")


def _packed(value: object, *, gzipped: bool) -> bytes:
    written = json_text(value).encode()
    return gzip.compress(written, _LEVEL, mtime=0) if gzipped else written


def _plain(value: object) -> Any:  # noqa: ANN401 - anything that JSON holds
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, UUID | date):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} can't go into JSON")


_JSON: Final = json.JSONEncoder(default=_plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _flash_name(connection: HTTPConnection) -> str:
    return f"__Host-{FLASH}" if edge(connection).secure else FLASH


def _read_flash(request: Request) -> list[dict[str, str]]:
    """Read the note that the last redirect left; one that isn't ours is ignored."""
    note = request.cookies.get(_flash_name(request), "")
    try:
        said = json.loads(base64.urlsafe_b64decode(note)) if note else None
        return [{name: str(said[name]) for name in ("text", "tone", "path", "link")}] if said else []
    except (ValueError, KeyError, TypeError):
        return []
