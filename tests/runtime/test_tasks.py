"""What must be put away is put away, however often it is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from retail.runtime.tasks import end, see_through


async def test_what_is_seen_through_is_done_to_its_end_and_then_cancelled() -> None:
    begun, away = asyncio.Event(), []

    async def put_away() -> None:
        begun.set()
        await asyncio.sleep(0.2)
        away.append(True)

    asking = asyncio.create_task(see_through(put_away()))
    await begun.wait()
    for _ in range(3):
        asking.cancel()
        await asyncio.sleep(0.01)
    assert not asking.done()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert away == [True]


async def test_its_own_error_comes_through() -> None:
    async def broken() -> None:
        await asyncio.sleep(0)
        raise ValueError("the drawer is stuck")

    with pytest.raises(ValueError, match="stuck"):
        await see_through(broken())


async def test_without_a_cancel_it_only_waits() -> None:
    done = []

    async def work() -> None:
        done.append(True)

    await see_through(work())
    assert done == [True]


async def test_ending_a_task_that_sees_something_through_waits_for_it() -> None:
    begun, away = asyncio.Event(), []

    async def slow() -> None:
        begun.set()
        await asyncio.sleep(1.3)  # longer than the pause between two cancels
        away.append(True)

    task = asyncio.create_task(see_through(slow()))
    await begun.wait()
    await end([task])
    assert away == [True]
    assert task.cancelled()
