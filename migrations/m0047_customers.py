"""Customers: who buys, by phone, card or name; whose prices and taxes they have, and whom they were merged into."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights

ID = "m0047_customers"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `phone` is as it was typed, `phone_digits` the same with the country's prefix and nothing but digits. Texts have more
# room here than people get: a name that erasure puts in a person's place may be longer. Under the wall between tenants
# only equality and ranges of plain columns use an index, so what is searched is stored in the form it is searched in.
CUSTOMER = """
  id                 uuid NOT NULL,
  name               text NOT NULL CHECK (length(name) BETWEEN 1 AND 400),
  phone              text NOT NULL CHECK (length(phone) <= 200),
  phone_digits       text COLLATE "C" NOT NULL CHECK (phone_digits ~ '^[0-9]{0,20}$'),
  email              text NOT NULL CHECK (length(email) <= 500),
  member_card        text COLLATE "C" CHECK (member_card ~ '^[0-9A-Za-z-]{4,40}$'),
  price_group        text CHECK (length(price_group) BETWEEN 1 AND 40),
  note               text NOT NULL CHECK (length(note) <= 4000),
  credit_limit_minor bigint NOT NULL CHECK (credit_limit_minor >= 0),
  merged_into        uuid,
  erased_at          timestamptz,
  version            integer NOT NULL CHECK (version > 0),
  created_at         timestamptz NOT NULL,
  updated_at         timestamptz NOT NULL,
  archived_at        timestamptz,
  sort_name          text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  search_text        text NOT NULL GENERATED ALWAYS AS
                     (search_form(name, email || ' ' || phone_digits || ' ' || coalesce(member_card, ''), '{}')) STORED,
  CHECK (merged_into IS NULL OR archived_at IS NOT NULL),
  CHECK (merged_into <> id),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (tenant_id, merged_into) REFERENCES customer (tenant_id, id)
"""

INDEXES = """
CREATE UNIQUE INDEX customer_card ON customer (tenant_id, member_card);
CREATE INDEX customer_search ON customer (tenant_id, sort_name, id) INCLUDE (search_text) WHERE archived_at IS NULL;
CREATE INDEX customer_phone ON customer (tenant_id, phone_digits) WHERE phone_digits <> '';
CREATE INDEX customer_email ON customer (tenant_id, email) WHERE email <> '';
CREATE INDEX customer_changed ON customer (tenant_id, updated_at, id);
CREATE INDEX customer_merged ON customer (tenant_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX sale_customer ON sale (tenant_id, customer_id, occurred_at DESC, id DESC) WHERE customer_id IS NOT NULL;
"""

# Whoever sells looks customers up; whoever changes products and prices keeps customers too.
RIGHTS = """
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT DISTINCT r.tenant_id, r.role_key, n.permission, 'allowed', NULL::bigint
  FROM role_right r
  JOIN (VALUES ('sell', 'view_customers'), ('view_sales', 'view_customers'), ('edit_catalogue', 'edit_customers'))
       AS n (held, permission) ON n.held = r.permission
 WHERE r.state = 'allowed' ON CONFLICT DO NOTHING;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""

NAMES = ("member_card", "email", "name", "note", "phone", "phone_digits")


async def forwards() -> MigrationManager:
    """Make the table; erasing somebody reaches it and the rows of files that were taken in."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("customer", CUSTOMER))
        await run(INDEXES + RIGHTS)
        await run(erasure_rights("customer", NAMES))
        await run(erasure_rights("import_row", ("cells", "changes", "name")))

    manager.add_raw(create)
    return manager
