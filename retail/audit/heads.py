"""The newest signed head of a chain, for whoever keeps it outside: every acknowledgement to a till carries it.

A head that many tills keep can't be taken back by somebody who has the database, so a chain whose end was cut off is
found by any till that was there. It may be some seconds old: what is asked for with every sale must cost none of them.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final
from uuid import UUID

from retail.audit.anchors import SignedHead
from retail.audit.sealing import signed_head
from retail.kit.errors import Busy
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)

FRESH: Final = 10.0
"""For so many seconds a head is given again without asking the database."""
_MOST: Final = 10_000


class Heads:
    """What this process knows of the chains' ends; a business is asked for at most once in FRESH seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: OrderedDict[UUID, tuple[float, SignedHead | None]] = OrderedDict()

    async def newest(self, db: Database, tenant: UUID) -> SignedHead | None:
        """Give a business's newest head, at most FRESH seconds late; None before its first record is sealed.

        Never raises for a database that is busy: whoever asks has an answer to give, and the last head will do.
        """
        now = self._monotonic()
        asked, head = self._known.get(tenant, (-FRESH, None))
        if now - asked < FRESH:
            return head
        self._keep(tenant, now, head)  # those who come while this one asks take the one before
        try:
            async with db.read(Scope.system(tenant)) as read:
                head = await signed_head(read)
        except Busy:
            logger.warning("The head of audit chain %s can't be read; the one before is given.", tenant)
        self._keep(tenant, now, head)
        return head

    def _keep(self, tenant: UUID, asked: float, head: SignedHead | None) -> None:
        self._known[tenant] = (asked, head)
        self._known.move_to_end(tenant)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)


of_process: Final = Heads()
