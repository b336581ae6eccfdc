"""Whom to tell of a weakness (RFC 9116): SECURITY_CONTACT, else whoever reads the address that mail is from."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from retail.kit.errors import NotFound
from retail.runtime.web.context import db, settings

_LIVES: Final = timedelta(days=180)


async def show(request: Request) -> Response:
    """Give the file; 404 where nobody is named, which `countertop up` says at the start."""
    here = settings(request)
    contact = here.contact
    if not contact:
        raise NotFound("security.txt")
    known = contact.startswith(("https://", "mailto:", "tel:"))
    expires = (db(request).clock.now() + _LIVES).replace(minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact if known else 'mailto:' + contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {here.base_url}/.well-known/security.txt",
    ]
    return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "max-age=86400"})
