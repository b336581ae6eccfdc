"""What a business asks of all its devices."""

from __future__ import annotations

from retail.runtime.db import Tx


async def set_policy(tx: Tx, *, required: bool) -> None:
    """Say whether only enrolled devices sell. How soon they lock is a setting (idle_lock_minutes)."""
    await tx.execute(
        """INSERT INTO device_policy (tenant_id, required) VALUES ($1, $2)
           ON CONFLICT (tenant_id) DO UPDATE SET required = $2""",
        tx.tenant,
        required,
    )
    tx.audit("device.policy_set", "tenant", tx.tenant, required=required)
