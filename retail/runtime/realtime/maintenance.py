"""The operator's message of maintenance at open pages: they are told that it has changed, and fetch it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from typing import Final

from retail.kit.errors import Busy
from retail.runtime.db import Database
from retail.runtime.realtime.connection import Connection
from retail.runtime.switches import MESSAGE, REMEMBERED

LOOK_SECONDS: Final = 2.0
CHANGED: Final = json.dumps({"signal": "maintenance.changed"})
logger = logging.getLogger(__name__)


async def watch(db: Database, pages: Collection[Connection]) -> None:
    """Tell all pages of a change, within seconds; nothing is read while nobody looks. Runs until it is cancelled."""
    known: object = None
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not pages and known is not None:
            continue
        try:
            now = await REMEMBERED.value(db, MESSAGE)
        except Busy:
            continue
        except Exception:
            logger.exception("The message of maintenance could not be read.")
            continue
        if known is not None and now != known:
            for page in tuple(pages):
                page.mailbox.put(CHANGED, "maintenance")
        known = now
