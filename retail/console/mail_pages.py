"""The operator's view of mail: what waits, what was sent, what was given up and why."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import NotFound
from retail.kit.paging import DEFAULT_LIMIT
from retail.runtime import mail
from retail.runtime.web.context import db, settings
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """List mails, newest first."""
    before = _id(request.query_params["after"]) if "after" in request.query_params else None
    async with db(request).platform() as unit:
        letters, more = await mail.letters(unit, before=before, limit=DEFAULT_LIMIT)
    return render(
        request,
        "console/mail/index.html",
        letters=letters,
        sends=bool(settings(request).smtp_url),
        next=f"/platform/mail?after={letters[-1].id}" if more else None,
        first="/platform/mail" if before else None,
    )


async def show(request: Request) -> Response:
    """Show one mail with its text.

    Its secret is shown only where no mail server is set up in development: else whoever operates the platform could
    use a person's link.
    """
    async with db(request).platform() as unit:
        found = await mail.letter(unit, _id(request.path_params["mail"]))
    if found is None:
        raise NotFound("mail")
    here = settings(request)
    kept = not here.smtp_url and not here.production
    return render(
        request,
        "console/mail/show.html",
        letter=found.letter,
        paragraphs=found.readable(with_secret=kept).split("\n\n"),
        link=found.secret if kept else None,
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotFound("mail") from wrong
