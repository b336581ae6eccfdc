"""Errors into answers: a page for a person, a toast for htmx, problem+json (RFC 9457) for a program."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

import asyncpg
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from retail.kit.errors import (
    Busy,
    ConfirmationNeeded,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    SecondFactorNeeded,
    TooMany,
    Unauthenticated,
)
from retail.kit.text import _
from retail.runtime.refused import tell
from retail.runtime.web.context import edge
from retail.runtime.web.findings import sentence
from retail.runtime.web.responses import is_htmx, json_answer, render, toast

PROBLEM: Final = "application/problem+json"
_API: Final = re.compile(r"(/t/[^/]+)?/api/")
_OVERLOADED: Final = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    TimeoutError,
)
log = logging.getLogger("countertop.web")


class MethodNotAllowed(DomainError):
    """The address exists, but not for this verb."""

    status = 405
    code = "method_not_allowed"


class TooLarge(DomainError):
    """The body is larger than this address takes."""

    status = 413
    code = "too_large"

    def sentence(self) -> str:
        """Say to send less."""
        return _("This is too large to send at once. Send a smaller file or fewer rows.")


class TooSlow(DomainError):
    """The body trickles in."""

    status = 408
    code = "too_slow"

    def sentence(self) -> str:
        """Say that the line is the matter."""
        return _("Your connection is too slow or was interrupted. Nothing was changed; try again.")


class ForeignOrigin(DomainError):
    """A state change was asked for from another site."""

    status = 403
    code = "foreign_origin"

    def sentence(self) -> str:
        """Say to use our own pages."""
        return _("This was sent from another site, so nothing was changed. Open the page here and try again.")


class Broken(DomainError):
    """Our own mistake: the reference leads to it in the log."""

    status = 500
    code = "broken"

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def sentence(self) -> str:
        """Say that it is ours and what to tell us."""
        return _("Something went wrong on our side. Try again; if it happens twice, tell support the reference.")

    def facts(self) -> Mapping[str, object]:
        """Give the reference."""
        return {"reference": self.reference}


class _Plain(DomainError):
    """A refusal of the framework with a status of its own."""

    code = "refused"

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status  # type: ignore[misc]


_BY_STATUS: Final[dict[int, type[DomainError]]] = {
    401: Unauthenticated, 404: NotFound, 405: MethodNotAllowed, 413: TooLarge,
}  # fmt: skip


def as_domain_error(error: Exception, request_id: str) -> DomainError:
    """Give any error the shape that answers are made from; unknown ones become Broken."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, RequestValidationError):
        return Invalid(_by_field(error))
    if isinstance(error, HTTPException):
        return _refusal(error)
    return _of_database(error) or Broken(request_id)


def _refusal(error: HTTPException) -> DomainError:
    """Give a refusal of the framework our own words where we have them."""
    kind = _BY_STATUS.get(error.status_code)
    if kind is not None:
        return kind()
    if error.status_code == 400:
        if isinstance(error.__cause__, DomainError):  # FastAPI wraps whatever went wrong while it read the body
            return error.__cause__
        return Invalid({"": [_("The request can't be read.")]})
    return _Plain(error.status_code)


def _of_database(error: Exception) -> DomainError | None:
    """Tell overload and values that can't be stored from our own mistakes."""
    if isinstance(error, _OVERLOADED):
        return Busy()
    if isinstance(error, asyncpg.DataError):  # a number out of range, a NUL in a text
        return Invalid({"": [_("A value is too large or holds characters that can't be stored.")]})
    return None


async def answer(request: Request, error: Exception) -> Response:
    """Answer a request that failed; unknown errors are logged with the reference that the answer shows."""
    here = edge(request)
    known = as_domain_error(error, here.request_id)
    if isinstance(known, Broken):
        log.error("request failed", exc_info=error)
    elif known is not error and not isinstance(error, HTTPException | RequestValidationError):
        log.warning("the database refused", exc_info=error)
    here.reported = True
    if isinstance(known, Forbidden):
        here.refused = known
        tell(known)
    headers = _headers(known)
    if isinstance(error, HTTPException) and error.headers:
        headers |= dict(error.headers)
    response = _choose(request, known)
    response.headers.update(headers)
    return response


def problem(known: DomainError) -> Response:
    """Give the problem document of an error."""
    facts = {"type": f"urn:countertop:{known.code}", "title": title(known), "status": known.status}
    return json_answer(
        {**facts, "detail": known.sentence(), "code": known.code, **known.facts()}, known.status, media_type=PROBLEM
    )


def wants_json(connection: HTTPConnection) -> bool:
    """Claim that a program asked: it gets problem documents instead of pages."""
    accept = connection.headers.get("accept", "")
    return _API.match(connection.scope["path"]) is not None or ("json" in accept and "html" not in accept)


def title(known: DomainError) -> str:
    """Name an error in a few words."""
    titles = {
        401: _("Sign in first"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not possible here"),
        408: _("Too slow"),
        409: _("Not possible right now"),
        412: _("Changed meanwhile"),
        413: _("Too large"),
        419: _("Out of date"),
        421: _("Not this address"),
        422: _("Please correct this"),
        429: _("Too many tries"),
        500: _("Something went wrong"),
        503: _("Busy"),
    }
    return titles.get(known.status, _("Not possible"))


def sign_in_address(request: Request) -> str:
    """Give the sign-in page's address with the way back: the page itself, for htmx the page that asked."""
    return _with_way_back("/sign-in", request)


def _held_address(request: Request) -> str:
    """Give the address that takes a sent form in, keeps what was typed, and sends it on once the proof is there."""
    query = urlsplit(_with_way_back("/confirm", request)).query
    to = edge(request).outward(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    return f"/confirm/held?to={quote(to, safe='/')}" + (f"&{query}" if query else "")


def _with_way_back(address: str, request: Request) -> str:
    here = request.headers.get("hx-current-url") if is_htmx(request) else None
    if here is None and request.method not in {"GET", "HEAD"} and address == "/confirm":
        here = request.headers.get("referer", "")  # the form's own page
    parts = urlsplit(here) if here is not None else request.url
    shown = edge(request)
    back = (shown.outward(parts.path) if shown.host_slug else parts.path) + (f"?{parts.query}" if parts.query else "")
    if here is None and request.method not in {"GET", "HEAD"}:
        back = ""
    return f"{address}?next={quote(back, safe='/')}" if back not in {"", "/"} else address


def _elsewhere(request: Request, known: DomainError) -> str:
    """Name the page that a person has to go to first, '' where the error itself is the answer."""
    if isinstance(known, Unauthenticated):
        return sign_in_address(request)
    if isinstance(known, ConfirmationNeeded):
        return _with_way_back("/confirm", request)
    return "/account/app" if isinstance(known, SecondFactorNeeded) else ""


def _choose(request: Request, known: DomainError) -> Response:
    if wants_json(request):
        return problem(known)
    if isinstance(known, ConfirmationNeeded) and request.method == "POST" and not is_htmx(request):
        return RedirectResponse(_held_address(request), 307)  # the browser sends the same form there
    address = _elsewhere(request, known)
    if address:
        return (
            Response(status_code=known.status, headers={"HX-Redirect": address})
            if is_htmx(request)
            else RedirectResponse(address, 303)
        )
    sentences = (
        [sentence for of_field in known.errors.values() for sentence in of_field] if isinstance(known, Invalid) else []
    )
    if is_htmx(request):
        said = " ".join(sentences) or known.sentence()  # nothing is marked: no form comes back
        return toast(Response(status_code=known.status), said, "bad" if known.status >= 500 else "warn")
    return render(
        request,
        "shared/error.html",
        known.status,
        title=title(known),
        sentence=known.sentence(),
        advice=" ".join(sentences),
        reference=edge(request).request_id if known.status >= 500 else None,
    )


def _headers(known: DomainError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(known, Busy | TooMany):
        headers["Retry-After"] = str(known.retry_after)
    if known.status == 408:
        headers["Connection"] = "close"  # the rest of the body isn't read any more
    if known.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def _by_field(error: RequestValidationError) -> dict[str, list[str]]:
    """Map FastAPI's findings to fields: ('body', 'lines', 0, 'product') is 'lines.0.product'."""
    found: dict[str, list[str]] = {}
    for finding in error.errors():
        where = ".".join(str(part) for part in finding["loc"][1:])
        found.setdefault(where, []).append(sentence(finding))
    return found
