"""Keeps the numbers of payment cards out of what programs send: they are refused before any of it is stored.

Forms refuse them field by field (forms.py). What a till has sold is never refused: there they are masked as it is read.
"""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retail.kit.cards import holds_card
from retail.kit.errors import DomainError
from retail.kit.text import _
from retail.runtime.web.pace import SALES

_CHANGING: Final = frozenset({"POST", "PUT", "PATCH"})


class CardNumber(DomainError):
    """Somebody sends the number of a payment card."""

    status = 422
    code = "card_number"

    def sentence(self) -> str:
        """Say what may be kept instead."""
        return _(
            "This holds the number of a payment card, which must not be kept. Leave it out; the last four will do."
        )


class CardNumbers:
    """Reads JSON on its way to the API. Raises CardNumber."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with a receive that looks at the whole body before its end is handed on."""
        wanted = scope["type"] == "http" and scope["method"] in _CHANGING and "/api/v1/" in scope["path"]
        if not wanted or SALES.search(scope["path"]):
            await self.app(scope, receive, send)
            return
        body = bytearray()

        async def looked_at() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    refuse_cards(bytes(body))
            return message

        await self.app(scope, looked_at, send)


def refuse_cards(body: bytes) -> None:
    """Look for cards' numbers in the texts of a JSON document; amounts and counts are no texts. Raises CardNumber."""
    if not holds_card(body.decode("utf-8", "replace")):
        return
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return  # what isn't JSON is refused by whoever reads it
    if any(holds_card(text) for text in _texts(document)):
        raise CardNumber


def _texts(document: Any) -> list[str]:  # noqa: ANN401 - anything that JSON holds
    found, rest = list[str](), [document]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            rest += [*one, *one.values()]
        elif isinstance(one, list):
            rest += one
    return found
