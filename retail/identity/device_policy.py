"""What a business asks of all its devices."""

from __future__ import annotations

from retail.runtime.db import Tx


async def set_policy(tx: Tx, *, required: bool, lock_minutes: int) -> None:
    """Say whether only enrolled devices sell, and after how many quiet minutes they lock."""
    await tx.execute(
        """INSERT INTO device_policy (tenant_id, required, lock_minutes) VALUES ($1, $2, $3)
           ON CONFLICT (tenant_id) DO UPDATE SET required = $2, lock_minutes = $3""",
        tx.tenant,
        required,
        lock_minutes,
    )
    tx.audit("device.policy_set", "tenant", tx.tenant, required=required, lock_minutes=lock_minutes)
