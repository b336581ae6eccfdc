"""The worker's part of mail: claim what is due, send it, try again later, give up and say so."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

import aiosmtplib

from retail.kit.errors import Busy
from retail.runtime.db import Database
from retail.runtime.mail.carriers import CarrierLike, Undelivered
from retail.runtime.mail.smtp import Outgoing, Refused
from retail.runtime.mail.suppression import suppress
from retail.runtime.notices import post_notice
from retail.runtime.switches import MAIL_DAYS, number_in
from retail.runtime.tenancy import Scope

logger = logging.getLogger(__name__)

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""How long to wait after the first, second … failure; after one failure more than there are pauses it is given up."""

LEASE: Final = timedelta(minutes=5)
KEPT: Final = timedelta(days=90)
"""How long a letter stays; retention of personal data goes by the same number (docs/security/privacy.md)."""
LOOK_SECONDS: Final = 2.0
BUSY_SECONDS: Final = 5.0
_BATCH: Final = 10
_PRUNE_EVERY: Final = timedelta(hours=1)
_TROUBLE: Final = (aiosmtplib.SMTPException, Undelivered, OSError, TimeoutError, ValueError)


class Postman:
    """Sends what waits in the letter box. Any number of them may run: a claim is one postman's, for five minutes.

    A mail may arrive twice if a worker dies between the server's yes and our row; its Message-ID is the same then.
    """

    def __init__(self, db: Database, carrier: CarrierLike | None, sms: CarrierLike | None = None) -> None:
        carriers = {"mail": carrier, "sms": sms}
        self._db, self._carriers = db, {name: one for name, one in carriers.items() if one is not None}
        self._pruned_at = db.clock.now() - _PRUNE_EVERY

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                sent = await self.round()
                await self._prune()
            except Busy:
                await asyncio.sleep(BUSY_SECONDS)
            else:
                if not sent:
                    await asyncio.sleep(LOOK_SECONDS)

    async def round(self) -> int:
        """Claim and carry what is due now; give how many were claimed. Raises Busy."""
        async with self._db.platform() as unit:
            rows = await unit.fetch(
                "SELECT * FROM auth_claim_mail($1, $2, $3, $4)",
                unit.now,
                unit.now + LEASE,
                _BATCH,
                list(self._carriers),
            )
        for row in rows:
            await self._deliver(Outgoing(**row))
        return len(rows)

    async def _deliver(self, letter: Outgoing) -> None:
        try:
            await self._carriers[letter.channel].carry(letter)
        except Refused as cause:
            await self._give_up(letter, str(cause))
            async with self._db.platform() as unit:
                await suppress(unit, letter.channel, letter.recipient, "refused")
        except _TROUBLE as cause:
            await self._put_off(letter, f"{type(cause).__name__}: {cause}")
        else:
            async with self._db.platform() as unit:
                await unit.execute("SELECT auth_mail_sent($1, $2, $3)", letter.id, letter.attempt, unit.now)

    async def _put_off(self, letter: Outgoing, why: str) -> None:
        if letter.attempt > len(PAUSES):
            await self._give_up(letter, why)
            return
        logger.warning("Mail %s (%s) could not be sent, try %d: %s", letter.id, letter.kind, letter.attempt, why)
        async with self._db.platform() as unit:
            again = unit.now + PAUSES[letter.attempt - 1]
            await unit.execute(
                "SELECT auth_mail_failed($1, $2, $3, $4, $5)", letter.id, letter.attempt, unit.now, again, why[:500]
            )

    async def _give_up(self, letter: Outgoing, why: str) -> None:
        logger.error("Mail %s (%s) is given up after %d tries: %s", letter.id, letter.kind, letter.attempt, why)
        async with self._db.platform() as unit:
            ended = await unit.fetchval(
                "SELECT auth_mail_failed($1, $2, $3, NULL, $4)", letter.id, letter.attempt, unit.now, why[:500]
            )
        if ended is not None and letter.tenant_id is not None:
            async with self._db.begin(Scope.system(letter.tenant_id)) as tx:
                await post_notice(tx, "mail_failed", subject=letter.id, kind_of_mail=letter.kind, to=letter.recipient)
                tx.audit("mail.given_up", "mail", letter.id, kind=letter.kind)

    async def _prune(self) -> None:
        now = self._db.clock.now()
        if now - self._pruned_at < _PRUNE_EVERY:
            return
        self._pruned_at = now
        async with self._db.platform() as unit:
            kept = timedelta(days=await number_in(unit, MAIL_DAYS))
            await unit.execute("SELECT auth_prune_mail($1)", now - kept)
