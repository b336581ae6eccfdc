"""Price lists and what they come to per store, changes of prices with their history, taxes with dates and parts."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0032_prices"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# How many of the business's own money one of another currency is worth, from a day on.
CURRENCY_RATE = """
  id              uuid NOT NULL,
  currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  starts_on       date NOT NULL,
  rate_billionths bigint NOT NULL CHECK (rate_billionths BETWEEN 1 AND 1000000000000000),
  created_at      timestamptz NOT NULL,
  UNIQUE (tenant_id, currency, starts_on),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# `next_turn` is the next moment at which the list opens, closes or comes to other prices in any of its stores.
PRICE_LIST = """
  id             uuid NOT NULL,
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  includes_tax   boolean,
  all_stores     boolean NOT NULL,
  customer_group text CHECK (length(customer_group) BETWEEN 1 AND 40),
  starts_on      date,
  ends_on        date,
  weekdays       smallint NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
  from_minute    smallint CHECK (from_minute BETWEEN 0 AND 1439),
  to_minute      smallint CHECK (to_minute BETWEEN 0 AND 1440),
  priority       smallint NOT NULL CHECK (priority BETWEEN 0 AND 999),
  next_turn      timestamptz,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  archived_at    timestamptz,
  CHECK (ends_on >= starts_on),
  CHECK (num_nulls(from_minute, to_minute) IN (0, 2)),
  CHECK (from_minute <> to_minute),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

PRICE_LIST_STORE = """
  list_id  uuid NOT NULL,
  store_id uuid NOT NULL,
  FOREIGN KEY (tenant_id, list_id) REFERENCES price_list (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

LIST_PRICE = """
  list_id      uuid NOT NULL,
  product_id   uuid NOT NULL,
  min_quantity numeric(14, 3) NOT NULL CHECK (min_quantity BETWEEN 0 AND 1000000),
  price_minor  bigint NOT NULL CHECK (price_minor BETWEEN 0 AND 1000000000000),
  FOREIGN KEY (tenant_id, list_id) REFERENCES price_list (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

# What the lists for everybody come to in a store right now. Without a price the product's own holds (again): the row
# stays because its version tells the store's tills so.
STORE_PRICE = """
  store_id    uuid NOT NULL,
  product_id  uuid NOT NULL,
  price_minor bigint CHECK (price_minor BETWEEN 0 AND 1000000000000),
  list_id     uuid,
  until       timestamptz,
  version     bigint NOT NULL CHECK (version > 0),
  CHECK (num_nulls(price_minor, list_id) IN (0, 2)),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, list_id) REFERENCES price_list (tenant_id, id)
"""

PRICE_BATCH = """
  id           uuid NOT NULL,
  rule         jsonb NOT NULL,
  narrowing    jsonb NOT NULL,
  list_id      uuid,
  reason       text NOT NULL CHECK (length(reason) <= 200),
  effective_at timestamptz,
  products     integer NOT NULL CHECK (products >= 0),
  passed_over  integer NOT NULL CHECK (passed_over >= 0),
  job_id       uuid,
  actor_id     uuid,
  actor_name   text NOT NULL,
  created_at   timestamptz NOT NULL,
  ready_at     timestamptz,
  undone_at    timestamptz,
  undone_by    text,
  FOREIGN KEY (tenant_id, list_id) REFERENCES price_list (tenant_id, id)
"""

# One row per price that changed, or is going to. `source` says by which door it came.
PRICE_CHANGE = """
  id           uuid NOT NULL,
  product_id   uuid NOT NULL,
  list_id      uuid,
  batch_id     uuid,
  from_minor   bigint,
  to_minor     bigint CHECK (to_minor BETWEEN 0 AND 1000000000000),
  effective_at timestamptz NOT NULL,
  applied_at   timestamptz,
  undone_at    timestamptz,
  source       text NOT NULL CHECK (source IN ('product', 'schedule', 'bulk', 'undo', 'list')),
  reason       text NOT NULL CHECK (length(reason) <= 200),
  actor_id     uuid,
  actor_name   text NOT NULL,
  created_at   timestamptz NOT NULL,
  CHECK (applied_at IS NULL OR undone_at IS NULL),
  CHECK (list_id IS NOT NULL OR to_minor IS NOT NULL),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, list_id) REFERENCES price_list (tenant_id, id),
  FOREIGN KEY (tenant_id, batch_id) REFERENCES price_batch (tenant_id, id)
"""

TAX_RATE = """
  id           uuid NOT NULL,
  tax_class_id uuid NOT NULL,
  from_date    date NOT NULL,
  rate_micros  integer NOT NULL CHECK (rate_micros BETWEEN 0 AND 1000000),
  applied_at   timestamptz,
  created_at   timestamptz NOT NULL,
  UNIQUE (tenant_id, tax_class_id, from_date),
  FOREIGN KEY (tenant_id, tax_class_id) REFERENCES tax_class (tenant_id, id)
"""

TAX_COMPONENT = """
  id           uuid NOT NULL,
  tax_class_id uuid NOT NULL,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 20),
  rate_micros  integer NOT NULL CHECK (rate_micros BETWEEN 0 AND 1000000),
  compound     boolean NOT NULL,
  position     smallint NOT NULL,
  UNIQUE (tenant_id, tax_class_id, name),
  FOREIGN KEY (tenant_id, tax_class_id) REFERENCES tax_class (tenant_id, id)
"""

TAX_EXEMPTION = """
  id           uuid NOT NULL,
  customer_ref text NOT NULL CHECK (length(customer_ref) BETWEEN 1 AND 200),
  reason       text NOT NULL CHECK (length(reason) <= 200),
  tax_class_id uuid,
  starts_on    date NOT NULL,
  ends_on      date,
  created_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  CHECK (ends_on >= starts_on),
  FOREIGN KEY (tenant_id, tax_class_id) REFERENCES tax_class (tenant_id, id)
"""

FISCAL_POSITION = """
  id          uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
  position    smallint NOT NULL,
  created_at  timestamptz NOT NULL,
  archived_at timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

FISCAL_MAPPING = """
  position_id   uuid NOT NULL,
  from_class_id uuid NOT NULL,
  to_class_id   uuid NOT NULL CHECK (to_class_id <> from_class_id),
  FOREIGN KEY (tenant_id, position_id) REFERENCES fiscal_position (tenant_id, id),
  FOREIGN KEY (tenant_id, from_class_id) REFERENCES tax_class (tenant_id, id),
  FOREIGN KEY (tenant_id, to_class_id) REFERENCES tax_class (tenant_id, id)
"""

# How a sale was taxed stays with it: its position, the exemption it named, whose lists
# were asked, and the parts that each tax came to.
SALE = """
ALTER TABLE sale ADD COLUMN fiscal_position_id uuid, ADD COLUMN exemption_id uuid,
  ADD COLUMN price_group text CHECK (length(price_group) BETWEEN 1 AND 40);
ALTER TABLE sale
  ADD FOREIGN KEY (tenant_id, fiscal_position_id) REFERENCES fiscal_position (tenant_id, id),
  ADD FOREIGN KEY (tenant_id, exemption_id) REFERENCES tax_exemption (tenant_id, id);
ALTER TABLE sale_tax ADD COLUMN parts jsonb CHECK (jsonb_typeof(parts) = 'array');
CREATE INDEX sale_fiscal_position ON sale (tenant_id, fiscal_position_id) WHERE fiscal_position_id IS NOT NULL;
CREATE INDEX sale_exemption ON sale (tenant_id, exemption_id) WHERE exemption_id IS NOT NULL;
"""

INDEXES = """
CREATE UNIQUE INDEX price_list_name ON price_list (tenant_id, lower(name)) WHERE archived_at IS NULL;
CREATE INDEX price_list_turn ON price_list (tenant_id, next_turn) WHERE next_turn IS NOT NULL;
CREATE INDEX price_list_store_store ON price_list_store (tenant_id, store_id);
CREATE INDEX list_price_product ON list_price (tenant_id, product_id);
CREATE INDEX store_price_version ON store_price (tenant_id, store_id, version);
CREATE INDEX store_price_product ON store_price (tenant_id, product_id);
CREATE INDEX store_price_list ON store_price (tenant_id, list_id) WHERE list_id IS NOT NULL;
CREATE INDEX price_batch_newest ON price_batch (tenant_id, created_at DESC, id DESC);
CREATE INDEX price_batch_list ON price_batch (tenant_id, list_id) WHERE list_id IS NOT NULL;
CREATE INDEX price_change_product ON price_change (tenant_id, product_id, effective_at DESC, id DESC);
CREATE INDEX price_change_newest ON price_change (tenant_id, effective_at DESC, id DESC);
CREATE INDEX price_change_list ON price_change (tenant_id, list_id) WHERE list_id IS NOT NULL;
CREATE UNIQUE INDEX price_change_batch ON price_change (tenant_id, batch_id, product_id) WHERE batch_id IS NOT NULL;
CREATE INDEX price_change_waiting ON price_change (tenant_id, effective_at)
  WHERE applied_at IS NULL AND undone_at IS NULL;
CREATE INDEX tax_rate_waiting ON tax_rate (tenant_id, from_date) WHERE applied_at IS NULL;
CREATE INDEX tax_exemption_customer ON tax_exemption (tenant_id, customer_ref);
CREATE INDEX tax_exemption_class ON tax_exemption (tenant_id, tax_class_id) WHERE tax_class_id IS NOT NULL;
CREATE UNIQUE INDEX fiscal_position_name ON fiscal_position (tenant_id, lower(name)) WHERE archived_at IS NULL;
CREATE INDEX fiscal_mapping_from ON fiscal_mapping (tenant_id, from_class_id);
CREATE INDEX fiscal_mapping_to ON fiscal_mapping (tenant_id, to_class_id);
"""

NAMES = {
    "price_batch": ("actor_name", "undone_by", "reason"),
    "price_change": ("actor_name", "reason"),
    "tax_exemption": ("customer_ref", "reason"),
}


async def forwards() -> MigrationManager:
    """Make the tables; no product changes its price by it."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("currency_rate", CURRENCY_RATE, grants="remove"))
        await run(tenant_table("price_list", PRICE_LIST))
        await run(tenant_table("price_list_store", PRICE_LIST_STORE, grants="remove", key="list_id, store_id"))
        await run(tenant_table("list_price", LIST_PRICE, grants="remove", key="list_id, product_id, min_quantity"))
        await run(tenant_table("store_price", STORE_PRICE, grants="remove", key="store_id, product_id"))
        await run(tenant_table("price_batch", PRICE_BATCH))
        await run(tenant_table("price_change", PRICE_CHANGE))
        await run(tenant_table("tax_rate", TAX_RATE, grants="remove"))
        await run(tenant_table("tax_component", TAX_COMPONENT, grants="remove"))
        await run(tenant_table("tax_exemption", TAX_EXEMPTION))
        await run(tenant_table("fiscal_position", FISCAL_POSITION))
        await run(tenant_table("fiscal_mapping", FISCAL_MAPPING, grants="remove", key="position_id, from_class_id"))
        await run(SALE)
        await run(INDEXES)
        for table in ("price_list_store", "store_price"):
            await run(store_floor(table, roles="countertop_app"))
        await run("".join(erasure_rights(table, columns) for table, columns in NAMES.items()))

    manager.add_raw(create)
    return manager
