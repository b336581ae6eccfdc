"""What a page may ask over its socket: a feature's channels.py declares them as ASKS.

    ASKS = [Ask("what-if", VIEW_DASHBOARD, answer)]

A page sends {"ask": "what-if", "values": {…}}; what comes back is painted for it alone and goes out as any region or
chart does. Only the newest question of a socket waits: whoever moves a slider wants the last answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from retail.kit.errors import Busy, DomainError
from retail.kit.text import use_language
from retail.runtime.db import Database, Read
from retail.runtime.realtime.canvas import Paint
from retail.runtime.realtime.guests import Guest
from retail.runtime.realtime.mailbox import Mailbox
from retail.runtime.tenancy import TenantFacts

logger = logging.getLogger(__name__)

_MOST_VALUES: Final = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """Regions as (template, CSS selector) with the context of all of them, and the rows of charts by name."""

    regions: Sequence[tuple[str, str]]
    context: Mapping[str, Any]
    charts: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question by its name, the permission that it needs, and who answers it."""

    name: str
    permission: str
    answer: Callable[[Read, TenantFacts, Mapping[str, str]], Awaitable[Answer]]


class Answering:
    """Answers what one socket asks. `turns` bounds how many read the database at a time, with all that is painted."""

    def __init__(
        self, db: Database, asks: Mapping[str, Ask], paint: Paint, mailbox: Mailbox, *, turns: asyncio.Semaphore
    ) -> None:
        self._db, self._asks, self._paint, self._mailbox, self._turns = db, asks, paint, mailbox, turns
        self._newest: str | None = None
        self._asked = asyncio.Event()

    def take(self, text: str) -> None:
        """Hear a message; returns at once."""
        self._newest = text
        self._asked.set()

    async def run(self, guest: Callable[[], Guest]) -> None:
        """Answer until cancelled; `guest` gives who asks, with the rights of now."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            text, self._newest = self._newest, None
            read = _question(text or "")
            ask = self._asks.get(read[0]) if read else None
            if read and ask:
                await self._answer(ask, read[1], guest())

    async def _answer(self, ask: Ask, values: Mapping[str, str], guest: Guest) -> None:
        if not guest.scope.may(ask.permission):
            return
        audience = guest.audience
        try:
            with use_language(audience.language):
                async with self._turns, self._db.read(guest.scope.narrowed(ask.permission)) as read:
                    found = await ask.answer(read, audience.tenant, values)
                html = "".join(
                    f'<hx-partial hx-target="{escape(target)}" hx-swap="outerMorph">'
                    f"{self._paint(audience, template, found.context)}</hx-partial>"
                    for template, target in found.regions
                )
        except (Busy, DomainError):
            return  # what was asked for isn't there, or not now: the page keeps what it shows
        except Exception:
            logger.exception("The question %s could not be answered.", ask.name)
            return
        self._mailbox.put(json.dumps({"content": html}), ("ask", ask.name))
        for chart, rows in found.charts.items():
            self._mailbox.put(json.dumps({"chart": chart, "rows": list(rows)}), ("ask", ask.name, chart))


def _question(text: str) -> tuple[str, dict[str, str]] | None:
    try:
        said = json.loads(text)
        name, values = said["ask"], said["values"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(name, str) or not isinstance(values, dict) or len(values) > _MOST_VALUES:
        return None
    return name, {str(key): value for key, value in values.items() if isinstance(value, str)}
