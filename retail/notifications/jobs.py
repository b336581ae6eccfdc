"""What notifications react to, and the job that works their queue off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from retail.notifications import expiring
from retail.notifications.delivering import deliver_due
from retail.notifications.push.ringer import Ringer
from retail.notifications.telling import JOB, tell
from retail.runtime.db import Database, Tx
from retail.runtime.jobs import job
from retail.runtime.notices import NoticePosted
from retail.runtime.outbox import Event
from retail.runtime.tenancy import Scope
from retail.settings import settings_of_process

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]

PROJECTIONS: Final[dict[type[Event], Reaction]] = {NoticePosted: tell}
EXPIRING: Final = expiring.JOB
"""Registered with this module, as the relay's reactions are."""
_ringer: list[Ringer] = []


def use_ringer(ringer: Ringer) -> None:
    """Have this process's jobs ring by this ringer; without it they make one from the settings."""
    _ringer[:] = [ringer]


@job(JOB, lease_seconds=120)
async def deliver(db: Database, scope: Scope) -> None:
    """Deliver what is due of a business; what isn't has a job of its own at its moment."""
    if not _ringer:
        use_ringer(Ringer.of(settings_of_process()))
    await deliver_due(db, scope, _ringer[-1])
