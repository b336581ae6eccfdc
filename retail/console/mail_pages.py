"""The operator's view of mail: what waits, what was sent, what was given up and why."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime import mail
from retail.runtime.mail.box import OpenLetter
from retail.runtime.mail.mail import SECRET_MARK
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, settings
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """List mails, newest first, or those that were searched for."""
    asked = Asked.of(request, "/platform/mail")
    q = asked.search()
    async with db(request).platform() as unit:
        page = await asked.page(lambda after: mail.letters(unit, q=q, after=after))
    return render(
        request,
        "console/mail/index.html",
        asked.status,
        asked=asked,
        page=page,
        sends=bool(settings(request).smtp_url or settings(request).mail_api),
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
        paragraphs=_shown(found, with_secret=kept),
        link=found.secret if kept else None,
    )


def _shown(found: OpenLetter, *, with_secret: bool) -> list[str]:
    """Give the paragraphs; where the link isn't shown, words say that one stands there."""
    text = found.readable(with_secret=with_secret)
    return text.replace(SECRET_MARK, _("(Here stands a link that only whoever got the mail can see.)")).split("\n\n")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotFound("mail") from wrong
