"""Stored value: gift cards, store credit and customers' accounts, as moves that are only ever appended."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights

ID = "m0056_stored_value"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `balance_minor` is the sum of the account's moves: above zero what somebody has, below what they owe. Of a gift card's
# code there is the HMAC and the last four digits: whoever reads the table can't spend a card.
VALUE_ACCOUNT = """
  id            uuid NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('gift_card', 'store_credit', 'account')),
  customer_id   uuid,
  code_mac      bytea CHECK (length(code_mac) = 32),
  last_four     text CHECK (last_four ~ '^[0-9]{4}$'),
  balance_minor bigint NOT NULL,
  expires_on    date,
  blocked_at    timestamptz,
  created_at    timestamptz NOT NULL,
  CHECK (kind = 'account' OR balance_minor >= 0),
  CHECK ((kind = 'gift_card') = (code_mac IS NOT NULL AND last_four IS NOT NULL)),
  CHECK (kind = 'gift_card' OR customer_id IS NOT NULL),
  UNIQUE (tenant_id, code_mac),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
"""

VALUE_MOVE = """
  id                  uuid NOT NULL,
  account_id          uuid NOT NULL,
  cause               text NOT NULL CHECK (cause IN
                      ('issued', 'loaded', 'redeemed', 'refunded', 'paid', 'expired', 'adjusted')),
  amount_minor        bigint NOT NULL CHECK (amount_minor <> 0),
  lacking_minor       bigint NOT NULL CHECK (lacking_minor >= 0),
  balance_after_minor bigint NOT NULL,
  source_id           uuid NOT NULL,
  reason              text NOT NULL CHECK (length(reason) <= 500),
  actor_name          text NOT NULL CHECK (length(actor_name) <= 400),
  at                  timestamptz NOT NULL,
  CHECK (CASE cause WHEN 'adjusted' THEN true WHEN 'redeemed' THEN amount_minor < 0 WHEN 'expired' THEN amount_minor < 0
                    ELSE amount_minor > 0 END),
  UNIQUE (tenant_id, account_id, cause, source_id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES value_account (tenant_id, id)
"""

INDEXES = """
CREATE UNIQUE INDEX value_account_customer ON value_account (tenant_id, customer_id, kind) WHERE kind <> 'gift_card';
CREATE INDEX value_account_cards ON value_account (tenant_id, created_at DESC, id DESC) WHERE kind = 'gift_card';
CREATE INDEX value_account_four ON value_account (tenant_id, last_four) WHERE kind = 'gift_card';
CREATE INDEX value_account_expiry ON value_account (tenant_id, expires_on) WHERE expires_on IS NOT NULL;
CREATE INDEX value_move_account ON value_move (tenant_id, account_id, at DESC, id DESC);
CREATE INDEX value_move_source ON value_move (tenant_id, source_id);
"""

# Businesses that are there already get the accounts; where one of its own has the number, ours gets a longer one.
ACCOUNTS = """
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT t.tenant_id, gen_random_uuid(),
       CASE WHEN EXISTS (SELECT FROM account o WHERE o.tenant_id = t.tenant_id AND o.code = n.code)
            THEN n.code || '990' ELSE n.code END, n.name, n.kind, n.purpose, now()
  FROM (SELECT DISTINCT a.tenant_id FROM account a WHERE a.purpose = 'cash') t
 CROSS JOIN (VALUES ('1040', 'Bank', 'asset', 'bank'), ('1150', 'Owed by customers', 'asset', 'receivables'),
                    ('2210', 'Gift cards not yet used', 'liability', 'gift_cards'),
                    ('2220', 'Store credit not yet used', 'liability', 'store_credit'),
                    ('4200', 'Expired gift cards', 'income', 'breakage')) AS n (code, name, kind, purpose)
 WHERE NOT EXISTS (SELECT FROM account o WHERE o.tenant_id = t.tenant_id AND o.purpose = n.purpose);
ALTER TABLE account FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the tables, and the accounts of the books that go with them."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("value_account", VALUE_ACCOUNT))
        await run(tenant_table("value_move", VALUE_MOVE, grants="append"))
        await run(INDEXES + ACCOUNTS)
        await run(erasure_rights("value_move", ("actor_name", "reason")))

    manager.add_raw(create)
    return manager
