"""A business's rule for its owners and managers: whether signing in needs a second step, and from when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from retail.identity.rules import GRACE
from retail.runtime.db import Read, Tx

MOST_GRACE_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """Owners and managers have `grace_days` from their first sign-in where a second factor is required."""

    second_factor: Literal["off", "required"] = "required"
    grace_days: int = GRACE.days


async def sign_in_policy(read: Read) -> SignInPolicy:
    """Give the rule of the business; one that has set none has the usual one."""
    row = await read.fetchrow("SELECT second_factor, grace_days FROM sign_in_policy WHERE tenant_id = $1", read.tenant)
    return SignInPolicy(**row) if row else SignInPolicy()


async def set_sign_in_policy(tx: Tx, wanted: SignInPolicy) -> None:
    """Set the rule; it holds from the next request of everybody on."""
    before = await sign_in_policy(tx)
    await tx.execute(
        """INSERT INTO sign_in_policy (tenant_id, second_factor, grace_days, changed_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (tenant_id) DO UPDATE
              SET second_factor = excluded.second_factor, grace_days = excluded.grace_days,
                  changed_at = excluded.changed_at""",
        tx.tenant,
        wanted.second_factor,
        wanted.grace_days,
        tx.now,
    )
    tx.audit("security.second_factor_set", "tenant", tx.tenant, before=vars_of(before), after=vars_of(wanted))


def vars_of(policy: SignInPolicy) -> dict[str, str | int]:
    """Give a policy as facts for the trail."""
    return {"second_factor": policy.second_factor, "grace_days": policy.grace_days}
