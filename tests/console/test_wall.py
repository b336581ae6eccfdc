"""The wall: however many look, one reader reads, each language is painted once, and only what changed is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from retail.kit.errors import Busy
from retail.runtime.realtime import wall as wall_module
from retail.runtime.realtime.mailbox import Mailbox
from retail.runtime.realtime.wall import AT_ONCE, MOST_SHARE, Wall


class Looker:
    """Somebody with a letter box, and what came out of it."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.mailbox = Mailbox(self._take)

    async def _take(self, text: str) -> None:
        self.got.put_nowait(json.loads(text))

    async def content(self) -> str:
        """Give the next regions that came."""
        async with asyncio.timeout(5):
            while True:
                letter = await self.got.get()
                if "content" in letter:
                    return str(letter["content"])

    async def state(self) -> str:
        async with asyncio.timeout(5):
            while True:
                letter = await self.got.get()
                if "type" in letter:
                    return str(letter["type"])


class Source:
    """Figures that a test turns, and how often they were asked for."""

    def __init__(self) -> None:
        self.figure, self.fails, self.painted, self.slow = 1, False, 0, 0.0
        self.wall = Wall("test", self.read, self.paint, every=0.02)

    async def read(self) -> int:
        await asyncio.sleep(self.slow)
        if self.fails:
            raise Busy
        return self.figure

    def paint(self, figure: int) -> dict[str, str]:
        self.painted += 1
        return {"#a": f'<p id="a">{figure} sales</p>', "#b": '<p id="b">same</p>'}

    @contextlib.asynccontextmanager
    async def looked_at(self, *languages: str) -> AsyncIterator[list[Looker]]:
        lookers = [Looker() for _language in languages]
        async with contextlib.AsyncExitStack() as stack:
            for looker, language in zip(lookers, languages, strict=True):
                await stack.enter_async_context(self.wall.seen_by(looker.mailbox, language))
                writing = asyncio.create_task(looker.mailbox.write())
                stack.callback(writing.cancel)
            yield lookers


async def test_all_regions_come_at_once_and_then_only_what_has_changed() -> None:
    source = Source()
    async with source.looked_at("en") as (looker,):
        first = await looker.content()
        assert ('hx-target="#a"' in first, ">1 " in first, 'hx-target="#b"' in first) == (True, True, True)
        source.figure = 2
        second = await looker.content()
        assert (">2 " in second, 'hx-target="#b"' in second) == (True, False)
        source.figure = 3
        assert ">3 " in await looker.content()
        assert looker.got.empty(), "what changes together comes in one letter"


async def test_two_hundred_lookers_cost_the_same_reads_and_paintings_as_one() -> None:
    source = Source()
    async with source.looked_at(*["en"] * 100, *["de"] * 100) as lookers:
        assert source.wall.lookers == 200
        for looker in lookers:
            await looker.content()
        source.figure = 2
        told = [await looker.content() for looker in lookers]
        while not all(">2 " in one for one in told):
            told = [one if ">2 " in one else await looker.content() for one, looker in zip(told, lookers, strict=True)]
        assert source.painted <= 2 * source.wall.reads
    reads = source.wall.reads
    await asyncio.sleep(0.1)
    assert (source.wall.reads, source.wall.lookers) == (reads, 0), "nobody looks, so nobody reads"


async def test_a_picture_for_many_goes_out_to_a_few_at_a_time() -> None:
    source = Source()
    async with source.looked_at(*["en"] * 40) as lookers:
        for looker in lookers:
            await looker.content()
        source.figure = 2
        seen: list[int] = []
        async with asyncio.timeout(5):
            while not seen or seen[-1] < 40:
                await asyncio.sleep(0)
                seen.append(sum(not looker.got.empty() for looker in lookers))
        steps = [after - before for before, after in zip([0, *seen], seen, strict=False)]
        assert max(steps) <= AT_ONCE


async def test_each_language_is_painted_by_itself_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    spoken: list[str] = []

    def speak(language: str) -> contextlib.AbstractContextManager[None]:
        spoken.append(language)
        return contextlib.nullcontext()

    monkeypatch.setattr(wall_module, "use_language", speak)
    source = Source()
    source.wall.every = 60
    async with source.looked_at("en", "de", "de", "en") as lookers:
        for looker in lookers:
            await looker.content()
    assert sorted(spoken) == ["de", "en"]


async def test_whoever_comes_later_gets_everything_without_another_reading() -> None:
    source = Source()
    source.wall.every = 60
    async with source.looked_at("en") as (looker,):
        await looker.content()
        reads = source.wall.reads
        async with source.looked_at("en", "fr") as (same, other):
            assert 'id="a"' in await same.content()
            assert 'id="a"' in await other.content()
        assert source.wall.reads == reads


async def test_it_says_when_it_can_not_be_read_and_when_it_can_again() -> None:
    source = Source()
    async with source.looked_at("en") as (looker,):
        assert await looker.state() == "live"
        await looker.content()
        source.fails = True
        assert await looker.state() == "lagging"
        source.fails = False
        assert await looker.state() == "live"


async def test_the_slower_the_reading_the_longer_the_pause() -> None:
    source = Source()
    source.slow = 0.05
    await source.wall.figures()
    assert source.wall.pause >= 0.05 * MOST_SHARE
    assert await source.wall.figures() == 1
    assert source.wall.reads == 1


async def test_those_who_ask_at_once_share_a_reading() -> None:
    source = Source()
    source.slow = 0.02
    assert await asyncio.gather(*(source.wall.figures() for _one in range(20))) == [1] * 20
    assert source.wall.reads == 1


async def test_a_database_in_trouble_is_asked_once_by_all_who_wait() -> None:
    source = Source()
    source.wall.every, source.fails, asked = 60, True, 0
    reading = source.read

    async def counted() -> int:
        nonlocal asked
        asked += 1
        return await reading()

    source.wall._read = counted
    said = await asyncio.gather(*(source.wall.figures() for _one in range(20)), return_exceptions=True)
    assert [type(one) for one in said] == [Busy] * 20
    assert asked == 1


async def test_what_can_not_be_painted_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    source = Source()
    whole, source.wall._paint = source.wall._paint, lambda _figure: 1 / 0  # type: ignore[assignment,return-value]
    async with source.looked_at("en") as (looker,):
        assert await looker.state() == "live"
        assert await looker.state() == "lagging"
        source.wall._paint = whole
        assert 'id="' in await looker.content()
        assert await looker.state() == "live"
    assert "could not be read or painted" in caplog.text
