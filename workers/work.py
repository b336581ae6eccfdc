"""Everything a worker does side by side, each part kept running whatever happens to Redis or Postgres."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from arq import Worker

from retail.audit.anchors import Outside
from retail.audit.sealing import Sealer
from retail.comms.announcing import ring_due
from retail.identity.guesses import Guesses
from retail.identity.looks import end_spent
from retail.kit.errors import Busy
from retail.runtime.db import Database
from retail.runtime.faults import keep
from retail.runtime.mail.carriers import CarrierLike, MailApi, SmsApi
from retail.runtime.mail.postman import Postman
from retail.runtime.mail.smtp import Carrier
from retail.runtime.outages import UNREACHABLE
from retail.runtime.runner import Runner
from retail.runtime.tasks import end, see_through
from retail.runtime.web.outgoing import Outgoing
from retail.settings import Settings
from retail.stopped_trails import tell_stopped
from workers.outbox import OutboxRelay
from workers.ringing import Bell
from workers.schedule import Clock
from workers.settings import make_worker

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 15.0
BUSY_SECONDS: Final = 2.0
GRACE_SECONDS: Final = 20.0
_LONGEST_PAUSE: Final = 5.0
_STEADY_SECONDS: Final = 60.0


class Work:
    """One worker: relay, doorbell's ear, heartbeat, jobs, clock, arq, post, sealer, guesses. In a process or a test."""

    def __init__(
        self,
        db: Database,
        redis_url: str,
        carrier: CarrierLike | None = None,
        outside: Outside | None = None,
        *,
        sms: CarrierLike | None = None,
    ) -> None:
        self._db, self._redis_url = db, redis_url
        self._postman = Postman(db, carrier, sms) if carrier is not None or sms is not None else None
        self._sealer = Sealer(db, outside, tell_stopped) if outside is not None else None
        self.runner = Runner(db)
        self._bell = Bell(redis_url, self.runner)
        self._clock = Clock(db)
        self.outbox = OutboxRelay(db, redis_url, self._bell)
        self._tasks: list[asyncio.Task[None]] = []

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Give all parts by name."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "relay": self.outbox.relay.run,
            "heartbeat": self.outbox.beat,
            "job search": self._look_for_jobs,
            "guesses": Guesses(self._db).run,
            "faults": partial(keep, self._db, "worker"),
        }
        if self._postman is not None:
            parts["post"] = self._postman.run
        if self._sealer is not None:
            parts["sealer"] = self._sealer.run
        if self._redis_url:
            parts |= {"ear": self.outbox.ear.run, "arq": self._run_arq}
        return parts

    def start(self) -> None:
        """Begin all parts."""
        self._tasks = [asyncio.create_task(keep_running(name, part), name=name) for name, part in self.parts().items()]

    async def stop(self) -> None:
        """Let running jobs end (20 s), give back the others, stop all parts."""
        await end(self._tasks)
        await self.runner.stop(GRACE_SECONDS)
        await self._bell.close()
        await self.outbox.close()

    async def _look_for_jobs(self) -> None:
        """Queue what the timetable says, tell announcements that are due, start due rows that nobody was rung for."""
        while True:
            try:
                await self._clock.tick()
                await ring_due(self._db)
                await end_spent(self._db)
                for tenant, id in await self.runner.due():
                    self.runner.start(tenant, id)
            except Busy:
                logger.warning("The job table can't be reached; looked at again in %d s.", BUSY_SECONDS)
                await asyncio.sleep(BUSY_SECONDS)
            else:
                await asyncio.sleep(LOOK_SECONDS)

    async def _run_arq(self) -> None:
        worker = make_worker(self._redis_url, self.runner)
        worker.main_task = main = asyncio.create_task(worker.main())
        try:
            await main
        finally:
            await see_through(_put_away(worker, main))


async def _put_away(worker: Worker, main: asyncio.Task[None]) -> None:
    await end([main, *worker.tasks.values()])  # one that went on would open the pool again
    await worker.pool.aclose(close_connection_pool=True)


async def keep_running(name: str, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part again whenever it ends, after 0.5 s, then longer, up to 5 s; a steady minute starts anew."""
    loop = asyncio.get_running_loop()
    pause = 0.5
    while True:
        began = loop.time()
        try:
            await part()
            logger.warning("The worker's %s ended; it is started again in %.1f s.", name, pause)
        except Exception as cause:
            logger.warning("The worker's %s failed (%r); it is started again in %.1f s.", name, cause, pause)
            logger.debug("because", exc_info=cause)
        if loop.time() - began > _STEADY_SECONDS:
            pause = 0.5
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def open_database(settings: Settings, ring: Callable[[], None]) -> Database:
    """Connect, however long the database needs to come up."""
    pause = 0.5
    while True:
        try:
            return await Database.connect(
                settings.database_url,
                size=settings.pool_size,
                statement_cache_size=settings.statement_cache_size,
                ring=ring,
                settings={"application_name": "countertop worker"},
                reports_url=settings.report_database_url,
            )
        except (Busy, *UNREACHABLE) as cause:
            logger.warning("The database does not answer (%s); tried again in %.1f s.", cause, pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def carrier_of(settings: Settings) -> CarrierLike | None:
    """Give what carries mails, None where neither MAIL_API nor SMTP_URL is set: they stay in the letter box.

    MAIL_API goes before SMTP_URL where both are set. Raises BadSmtpUrl, BadApiUrl.
    """
    if settings.mail_api:
        return MailApi(settings.mail_api, settings.mail_from, Outgoing.of(settings))
    if settings.smtp_url:
        return Carrier(settings.smtp_url, settings.mail_from)
    if settings.production:
        logger.warning("SMTP_URL is not set: invitations, resets and notices wait unsent. Operators see them.")
    return None


def sms_carrier_of(settings: Settings) -> CarrierLike | None:
    """Give what carries SMS, None where there is no SMS_API: then nobody is offered it. Raises BadApiUrl."""
    return SmsApi(settings.sms_api, Outgoing.of(settings)) if settings.sms_api else None
