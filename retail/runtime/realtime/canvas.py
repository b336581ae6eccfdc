"""The pushed regions of a topic, rendered once for all who see the same: at once, in a flood 4 times a second."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import Busy, NotFound
from retail.kit.text import use_language
from retail.runtime.db import Database
from retail.runtime.outbox import plain
from retail.runtime.realtime.channels import ChartRows, Names, Region, Switchboard
from retail.runtime.realtime.mailbox import RESET, Mailbox
from retail.runtime.realtime.message import Message
from retail.runtime.tasks import end
from retail.runtime.tenancy import Scope, TenantFacts

logger = logging.getLogger(__name__)

SOON_SECONDS: Final = 0.08
"""The pause behind a first painting, so that two sales in a row are seen at once; it grows while news keep coming."""
APART_SECONDS: Final = 0.25
_GROWTH: Final = 1.5
AGAIN_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who are shown the same HTML: of one business, in one language, of these stores alone (None: of all)."""

    tenant: TenantFacts
    language: str
    stores: frozenset[UUID] | None = None

    @property
    def scope(self) -> Scope:
        """Give the scope in which regions are read: the product's own, on the floor of these stores."""
        return replace(Scope.system(self.tenant.id), stores=self.stores)


Paint = Callable[[Audience, str, Mapping[str, Any]], str]
"""Render a template, with its context, for an audience."""


class Canvas:
    """What an audience sees of one topic. A Subscriber: a message repaints the partials of its type.

    `turns` bounds how many canvases read the database at a time. Each message type also goes out as a signal
    ({"signal": type, "data": facts}) for elements that fetch by themselves.
    """

    def __init__(
        self,
        db: Database,
        board: Switchboard,
        paint: Paint,
        audience: Audience,
        topic: str,
        *,
        turns: asyncio.Semaphore,
    ) -> None:
        self._db, self._board, self._paint, self._turns = db, board, paint, turns
        self.audience = audience
        self.topic = topic
        self.mailboxes: set[Mailbox] = set()
        self._news: dict[str, Message] = {}
        self._all = False
        self._version = 0
        self._task: asyncio.Task[None] | None = None

    def hear(self, message: Message) -> None:
        """Repaint what the message changes, if it is about a store that this audience sees."""
        if not message.concerns(self.audience.stores):
            return
        self._news[message.type] = message
        self._version = message.version
        self._kick()

    def restart(self, head: int) -> None:
        """Repaint everything, and tell elements that fetch by themselves to do so."""
        self._version = head
        for mailbox in self.mailboxes:
            mailbox.put(RESET, "reset")
        self.repaint()

    def repaint(self) -> None:
        """Paint every region of the topic."""
        self._all = True
        self._kick()

    def _kick(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._paint_while_news(), name=f"canvas {self.topic}")

    async def _paint_while_news(self) -> None:
        next_pause = SOON_SECONDS
        try:
            while self._news or self._all:
                everything, news = self._all, self._news
                self._all, self._news = False, {}
                try:
                    painted = await self._flush(news, everything=everything)
                    pause = next_pause if painted else SOON_SECONDS
                    next_pause = min(APART_SECONDS, next_pause * _GROWTH) if painted else next_pause
                except Busy:
                    self._all, self._news = True, news | self._news
                    pause = AGAIN_SECONDS
                await asyncio.sleep(pause)
        finally:
            self._task = None

    async def _flush(self, news: Mapping[str, Message], *, everything: bool) -> bool:
        """Send what the news change, and the news as signals; claims that something had to be painted."""
        version = self._version
        regions = self._board.regions(self.topic, None if everything else news)
        charts = self._board.charts(self.topic, None if everything else news)
        for region in regions:
            html = await self._render(region)
            if html is not None:
                self._post({"topic": self.topic, "version": version, "content": html}, (self.topic, region.target))
        for chart, names in charts:
            rows = await self._rows(chart, names)
            if rows is not None:
                letter = {"topic": self.topic, "version": version, "chart": chart.chart, "rows": rows}
                self._post(letter, (self.topic, "chart", chart.chart))
        for kind, message in news.items():
            facts = json.loads(message.facts)
            self._post({"topic": self.topic, "version": version, "signal": kind, "data": facts}, (self.topic, kind))
        return bool(regions or charts)

    def _post(self, letter: Mapping[str, object], key: object) -> None:
        text = json.dumps(letter, default=plain, separators=(",", ":"))
        for mailbox in self.mailboxes:
            mailbox.put(text, key)

    async def _render(self, region: Region) -> str | None:
        """Render one region; a fault in it is logged and leaves the others alone."""
        try:
            async with self._turns, self._db.read(self.audience.scope) as read:
                context = await region.partial.context(read, region.names)
            with use_language(self.audience.language):
                html = self._paint(self.audience, region.partial.template, context)
        except Busy:
            raise
        except NotFound:  # what the topic names isn't there, or no longer
            return None
        except Exception:
            logger.exception("The live region %s of topic %s could not be painted.", region.target, self.topic)
            return None
        target, swap = escape(region.target), escape(region.partial.swap)
        return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'

    async def _rows(self, chart: ChartRows, names: Names) -> list[dict[str, Any]] | None:
        """Read one chart's rows; a fault in it is logged and leaves the rest alone."""
        try:
            async with self._turns, self._db.read(self.audience.scope) as read:
                return list(await chart.rows(read, names))
        except Busy:
            raise
        except NotFound:
            return None
        except Exception:
            logger.exception("The rows of chart %s on topic %s could not be read.", chart.chart, self.topic)
            return None

    async def close(self) -> None:
        """Stop painting."""
        if self._task is not None:
            await end([self._task])
