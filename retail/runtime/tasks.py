"""Ending tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait until they are done; again each second, for one whose library swallowed the first cancel.

    redis-py does that now and then, where a timeout and the cancel come together.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _done, pending = await asyncio.wait(pending, timeout=1)


async def see_through(work: Coroutine[Any, Any, None]) -> None:
    """Do work to its end, however often the task that asks for it is cancelled meanwhile; then it is cancelled.

    For what must be put away when a task ends: end() cancels again each second, and would cut it short.
    """
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as cause:
            if task.cancelled():
                raise
            cancelled = cause
    task.result()
    if cancelled is not None:
        raise cancelled
