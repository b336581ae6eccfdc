"""`python -m workers`: the worker process, until SIGTERM or SIGINT. Settings come from the environment."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import uvloop

from retail.audit.anchors import Outside, use_outside
from retail.runtime import telemetry
from retail.runtime.garbage import spare_what_stays
from retail.runtime.given import NotUsable
from retail.runtime.safe_role import UnsafeRole
from retail.settings import BadSetting, Settings
from workers.work import Work, carrier_of, open_database, sms_carrier_of

REFUSED = 2
logger = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Work until a signal."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    working: list[Work] = []
    carrier, sms, outside = carrier_of(settings), sms_carrier_of(settings), Outside.of(settings)
    use_outside(outside)

    def ring() -> None:
        for work in working:
            work.outbox.relay.wake()

    opening = asyncio.create_task(open_database(settings, ring))
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({opening, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not opening.done():
        opening.cancel()
        return
    db = opening.result()
    work = Work(db, settings.redis_url, carrier, outside, sms=sms)
    working.append(work)
    work.start()
    try:
        await stopping
    finally:
        await work.stop()
        await db.close()


def main() -> None:
    """Run the worker."""
    try:
        settings = Settings.from_env()
    except BadSetting as refusal:
        telemetry.configure()
        logger.error("%s", refusal)  # noqa: TRY400 - the sentence says it all
        sys.exit(REFUSED)
    telemetry.configure(settings.log_level)
    spare_what_stays()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except (NotUsable, UnsafeRole) as refusal:
        logger.error("%s", refusal)  # noqa: TRY400 - the sentence says it all
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
