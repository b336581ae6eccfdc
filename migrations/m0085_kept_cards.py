"""A card that a business's invoices are charged to, and what became of each charge."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0085_kept_cards"
VERSION = "1.43.0"
DESCRIPTION = __doc__

# The card itself is the payment provider's; `customer` and `method` are what it is called there.
CARD = """
  customer  text NOT NULL CHECK (length(customer) BETWEEN 1 AND 200),
  method    text NOT NULL CHECK (length(method) BETWEEN 1 AND 200),
  brand     text NOT NULL CHECK (length(brand) <= 20),
  last_four text NOT NULL CHECK (length(last_four) <= 4),
  expires   text NOT NULL CHECK (expires ~ '^[0-9]{4}-[0-9]{2}$'),
  kept_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Asked for before the provider is asked, so that a worker that dies in between asks again for the same charge: its id
# is the key by which the provider does it once. `outcome` NULL: nobody knows yet.
CHARGE = """
  id           uuid NOT NULL,
  invoice_id   uuid NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  last_four    text NOT NULL CHECK (length(last_four) <= 4),
  asked_at     timestamptz NOT NULL,
  outcome      text CHECK (outcome IN ('paid', 'waits', 'refused')),
  reference    text NOT NULL CHECK (length(reference) <= 200),
  why          text NOT NULL CHECK (length(why) <= 60),
  again_at     timestamptz,
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES billing_invoice (tenant_id, id)
"""


async def forwards() -> MigrationManager:
    """Make both tables."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("billing_card", CARD, grants="remove", key="tenant_id"))
        await run(tenant_table("billing_charge", CHARGE))
        await run("CREATE INDEX billing_charge_invoice ON billing_charge (tenant_id, invoice_id, asked_at DESC);")

    manager.add_raw(create)
    return manager
