"""What tills tell of their own mistakes: an error that nothing in the page handled, its kind and where it went through.

What it said, what was sold and by whom isn't asked for: what doesn't look like the name of an error or of a function of
the till's is refused. It is a line in the log, and from there a group of errors (`retail.runtime.faults`).
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.web.address import network_of
from retail.runtime.web.context import edge
from retail.runtime.web.limits import limit

PATH: Final = "/till-reports"
MOST_BYTES: Final = 4 * 1024
MOST_FRAMES: Final = 12
_TYPE: Final = re.compile(r"[A-Za-z]{1,60}")
_FRAME: Final = re.compile(r"kiosk/till/[a-z0-9_]{1,40}\.js [A-Za-z0-9_$.<>#]{0,80}")
log = logging.getLogger("countertop.till")


async def create(request: Request) -> Response:
    """Take in one error; 204, 422 for anything else, 429 for too many."""
    await limit(request, "reports", network_of(edge(request).ip))
    log.warning("a till's page met an error", extra=_facts(await request.body()))
    return Response(status_code=204)


def _facts(body: bytes) -> dict[str, Any]:
    """Read what was reported. Raises Invalid for what is no report."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise Invalid({"": [_("The request can't be read.")]}) from broken
    kind, frames = (told.get("type"), told.get("frames")) if isinstance(told, dict) else (None, None)
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        raise Invalid({"type": [_("The request can't be read.")]})
    if not isinstance(frames, list) or len(frames) > MOST_FRAMES:
        raise Invalid({"frames": [_("The request can't be read.")]})
    if not all(isinstance(one, str) and _FRAME.fullmatch(one) for one in frames):
        raise Invalid({"frames": [_("The request can't be read.")]})
    return {"error": kind, "frames": frames}
