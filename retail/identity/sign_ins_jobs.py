"""What identity does by night: forgetting sign-ins, browsers and ended sessions that are over a year old."""

from __future__ import annotations

from typing import Final

from retail.identity.sign_ins import prune_sign_ins
from retail.runtime.db import Database
from retail.runtime.jobs import job
from retail.runtime.tenancy import Scope

JOB: Final = "identity.forget_sign_ins"


@job(JOB)
async def forget_sign_ins(db: Database, scope: Scope) -> None:  # noqa: ARG001 - people belong to no tenant
    """Forget what nobody needs any more, whosever it is; the first tenant's job of the night finds it all."""
    async with db.platform() as unit:
        await prune_sign_ins(unit)
