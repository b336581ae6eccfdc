"""A wall: figures of no business that many look at, read by one reader for all of them while somebody looks.

The platform's pages have no tenant, so no event tells them anything: what they show is read every two seconds, once
per process, and only while a socket listens. What a region shows is painted once per language; whoever listens gets the
regions that have changed. However many look, the database is asked the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from html import escape
from typing import Final, Generic, TypeVar

from retail.kit.errors import Busy
from retail.kit.text import use_language
from retail.runtime.realtime.mailbox import Mailbox
from retail.runtime.realtime.message import control
from retail.runtime.tasks import end

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 2.0
AT_ONCE: Final = 8
PACE_SECONDS: Final = 0.01
"""So many lookers get their picture together, and so long after them the next ones."""
MOST_SHARE: Final = 20
"""The reader rests at least so many times as long as it read: it never takes more than a twentieth of a connection."""

Figures = TypeVar("Figures")


class Wall(Generic[Figures]):
    """What hangs on it, for how long that is true, and who looks.

    `read` gives the figures; `paint` gives each region's HTML by its CSS selector, in the language that is in use.
    """

    def __init__(
        self,
        topic: str,
        read: Callable[[], Awaitable[Figures]],
        paint: Callable[[Figures], Mapping[str, str]],
        *,
        every: float = EVERY_SECONDS,
    ) -> None:
        self.topic, self.every = topic, every
        self._read, self._paint = read, paint
        self._lookers: defaultdict[str, set[Mailbox]] = defaultdict(set)
        self._shown: dict[str, dict[str, str]] = {}
        self._figures: Figures | None = None
        self._read_at = self._refused_at = float("-inf")
        self._took = 0.0
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()
        self._painted: dict[str, int] = {}
        self._failing = False
        self.reads = 0
        """How often the figures were read."""

    @property
    def lookers(self) -> int:
        """Count those who look."""
        return sum(len(several) for several in self._lookers.values())

    @property
    def pause(self) -> float:
        """Give the seconds from one reading to the next."""
        return max(self.every, self._took * MOST_SHARE)

    async def figures(self) -> Figures:
        """Give figures that are not older than a pause; whoever asks meanwhile waits for the same reading. Busy."""
        async with self._turn:
            began = time.monotonic()
            if began - self._refused_at < self.every:
                raise Busy  # those who have waited don't ask a database in trouble one after the other
            if self._figures is None or began - self._read_at >= self.pause:
                try:
                    self._figures = await self._read()
                except Busy:
                    self._refused_at = time.monotonic()
                    raise
                self.reads += 1
                self._read_at = time.monotonic()
                self._took = self._read_at - began
            return self._figures

    @contextlib.asynccontextmanager
    async def seen_by(self, mailbox: Mailbox, language: str) -> AsyncIterator[None]:
        """Put every region into a letter box at once, and what changes from then on."""
        self._lookers[language].add(mailbox)
        mailbox.put(control("lagging" if self._failing else "live"), "status")
        if shown := self._shown.get(language):
            mailbox.put(self._letter(shown), (self.topic, *shown))
        if self._task is None:
            self._task = asyncio.create_task(self._keep_reading(), name=f"wall {self.topic}")
        elif language not in self._shown:
            self._asked.set()
        try:
            yield
        finally:
            self._lookers[language].discard(mailbox)
            if not self._lookers[language]:
                del self._lookers[language]
                self._shown.pop(language, None)
            if not self._lookers and self._task is not None:
                gone, self._task = self._task, None
                await end([gone])

    async def _keep_reading(self) -> None:
        while True:
            self._asked.clear()
            try:
                figures = await self.figures()
                await self._hang(figures)
                self._tell(failing=False)
            except Busy:
                self._tell(failing=True)
            except Exception:
                logger.exception("The wall %s could not be read or painted.", self.topic)
                self._tell(failing=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.pause):
                    await self._asked.wait()

    def _tell(self, *, failing: bool) -> None:
        """Say when what is shown has grown old, and when it is true again."""
        if failing == self._failing:
            return
        self._failing = failing
        logger.warning("The wall %s %s.", self.topic, "can't be read" if failing else "is read again")
        for mailbox in (one for several in self._lookers.values() for one in several):
            mailbox.put(control("lagging" if failing else "live"), "status")

    async def _hang(self, figures: Figures) -> None:
        """Paint what each language's lookers have not seen, and send the regions that are others than before.

        A few lookers at a time: what else this process does isn't held up until the last of hundreds has its picture.
        """
        for language, mailboxes in list(self._lookers.items()):
            if self._painted.get(language) == self.reads and language in self._shown:
                continue
            with use_language(language):
                painted = dict(self._paint(figures))
            before, self._shown[language] = self._shown.get(language, {}), painted
            self._painted[language] = self.reads
            changed = {target: html for target, html in painted.items() if before.get(target) != html}
            letter, key = self._letter(changed), (self.topic, *changed)
            several = list(mailboxes) if changed else []
            for at in range(0, len(several), AT_ONCE):
                if at:
                    await asyncio.sleep(PACE_SECONDS)
                for mailbox in several[at : at + AT_ONCE]:
                    mailbox.put(letter, key)

    def _letter(self, regions: Mapping[str, str]) -> str:
        """Put regions into one letter: what a socket's sending takes, it takes once."""
        content = "".join(
            f'<hx-partial hx-target="{escape(target)}" hx-swap="outerMorph">{html}</hx-partial>'
            for target, html in regions.items()
        )
        return json.dumps({"topic": self.topic, "version": self.reads, "content": content}, separators=(",", ":"))
