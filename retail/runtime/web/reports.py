"""What browsers tell of a page that broke its Content-Security-Policy: a line in the log, and no secrets in it.

Addresses are cut off before their query and their fragment, which may hold what somebody looked for or a link's secret.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.telemetry import CSP_REPORTS
from retail.runtime.web.address import network_of
from retail.runtime.web.context import edge
from retail.runtime.web.limits import limit

PATH: Final = "/csp-reports"
MOST_BYTES: Final = 16 * 1024
MOST_AT_ONCE: Final = 5
_LONGEST: Final = 300
_NAMES: Final = {
    "document": ("documentURL", "document-uri"),
    "blocked": ("blockedURL", "blocked-uri"),
    "directive": ("effectiveDirective", "effective-directive", "violated-directive"),
    "source": ("sourceFile", "source-file"),
    "line": ("lineNumber", "line-number"),
    "disposition": ("disposition",),
}
log = logging.getLogger("countertop.csp")


async def create(request: Request) -> Response:
    """Take in reports, of the Reporting API or of report-uri; 204, 422 for anything else, 429 for too many."""
    await limit(request, "reports", network_of(edge(request).ip))
    for facts in violations(await request.body())[:MOST_AT_ONCE]:
        CSP_REPORTS.inc()
        log.warning("a page broke its policy", extra=facts)
    return Response(status_code=204)


def violations(body: bytes) -> list[dict[str, str]]:
    """Read what was reported. Raises Invalid for what is no report."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise Invalid({"": [_("The request can't be read.")]}) from broken
    bodies = [_body(one) for one in (told if isinstance(told, list) else [told])]
    return [_facts(body) for body in bodies if body is not None]


def bare(address: object) -> str:
    """Give an address without user, query and fragment; "inline" and the like stay as they are."""
    text = "".join(c for c in str(address)[: 10 * _LONGEST] if c.isprintable())
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if not parts.scheme:
        return text.partition("?")[0].partition("#")[0][:_LONGEST]
    if not parts.netloc:
        return parts.scheme  # of data: and blob: the rest is content
    return f"{parts.scheme}://{host}{parts.path}"[:_LONGEST]


def _body(told: object) -> dict[str, Any] | None:
    if not isinstance(told, dict):
        return None
    found = told.get("csp-report") or (told.get("body") if told.get("type") == "csp-violation" else None)
    return found if isinstance(found, dict) else None


def _facts(body: dict[str, Any]) -> dict[str, str]:
    told = {name: next((body[key] for key in keys if key in body), "") for name, keys in _NAMES.items()}
    return {name: bare(value) for name, value in told.items() if isinstance(value, str | int) and value != ""}
