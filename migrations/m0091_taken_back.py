"""A transfer that was noted wrongly is taken back: by a row of its own, below zero, so that nothing noted is edited."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0091_taken_back"
VERSION = "1.43.0"
DESCRIPTION = __doc__

# The reference of what takes back is the id of what is taken back, so the key that stands lets that happen once.
RULES = """
ALTER TABLE billing_payment
  DROP CONSTRAINT billing_payment_kind_check,
  DROP CONSTRAINT billing_payment_amount_minor_check,
  ADD CONSTRAINT billing_payment_kind_check CHECK (kind IN ('stripe', 'transfer', 'taken_back')),
  ADD CONSTRAINT billing_payment_amount_minor_check
    CHECK (amount_minor <> 0 AND (amount_minor < 0) = (kind = 'taken_back'));
"""


async def forwards() -> MigrationManager:
    """Let a payment be taken back."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(RULES)

    manager.add_raw(make)
    return manager
