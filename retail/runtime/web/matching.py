"""What a program saw before it changes something: an If-Match header, or `version` in its body.

Whoever sends neither never looked, and is taken at their word as ever. Answers say their version, also as an ETag.
Compare behind the lock of what is changed: then of two programs that saw the same only one changes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import Conflict, DomainError
from retail.kit.text import _

HEADER: Final = "If-Match"


class VersionChanged(Conflict):
    """The `version` of the body is no longer the one that is stored."""

    code = "version_changed"

    def __init__(self, version: object = "") -> None:
        super().__init__(version)
        self.version = version

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody has changed this meanwhile. Read it again, then send your change with its version.")

    def facts(self) -> Mapping[str, object]:
        """Give the version that it has now."""
        return {"version": self.version}


class NotMatched(DomainError):
    """The If-Match header names no version that is stored."""

    status = 412
    code = "not_matched"

    def __init__(self, version: object = "") -> None:
        super().__init__(version)
        self.version = version

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody has changed this meanwhile. Read it again, then send your change with its new ETag.")

    def facts(self) -> Mapping[str, object]:
        """Give the version that it has now."""
        return {"version": self.version}


def require_seen(request: Request, now: object, given: object = None) -> None:
    """Let a change pass that was made for the version of now. Raises NotMatched, VersionChanged."""
    header = request.headers.get(HEADER)
    if header is not None and header.strip() != "*" and f'"{now}"' not in {one.strip() for one in header.split(",")}:
        raise NotMatched(now)  # weak tags (W/"…") never match here: RFC 9110, 13.1.1
    if given is not None and given != now:
        raise VersionChanged(now)


def tagged(response: Response, version: object) -> Response:
    """Say which version an answer shows."""
    response.headers["ETag"] = f'"{version}"'
    return response
