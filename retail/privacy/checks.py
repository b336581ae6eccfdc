"""Whoever was erased stays erased, also behind a restored backup."""

from __future__ import annotations

import asyncio

from retail.audit.anchors import outside_of_process
from retail.privacy.erased import Erased
from retail.privacy.repeating import unknown
from retail.runtime.checks import Check, claim
from retail.runtime.db import Read


async def checks(read: Read) -> list[Check]:
    """Compare the list outside with the database; nothing in a process that has no outside."""
    outside = outside_of_process()
    if outside is None:
        return []
    lines = [line for line in await asyncio.to_thread(Erased(outside).of, read.tenant) if line.kind != "business"]
    back = [
        f"a {line.kind} erased on {line.at} is back as a backup had them; run `countertop audit accept-restore`"
        for line in await unknown(read, lines)
    ]
    return [claim("Whoever was erased is erased here too", len(lines), back)]
