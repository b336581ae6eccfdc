"""Stores and tills, the catalogue, stock."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0002_shop"
VERSION = "1.38.0"
DESCRIPTION = __doc__

STORE = """
  id              uuid NOT NULL,
  code            text NOT NULL CHECK (code ~ '^[A-Z0-9-]{1,12}$'),
  name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  address         text NOT NULL,
  tax_number      text NOT NULL,
  receipt_footer  text NOT NULL,
  timezone        text NOT NULL,
  day_cutoff_hour smallint NOT NULL CHECK (day_cutoff_hour BETWEEN 0 AND 12),
  created_at      timestamptz NOT NULL,
  UNIQUE (tenant_id, code),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

TILL = """
  id         uuid NOT NULL,
  store_id   uuid NOT NULL,
  code       text NOT NULL CHECK (code ~ '^[A-Z0-9-]{1,12}$'),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  UNIQUE (tenant_id, code),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

TILL_CLAIM = """
  id          uuid NOT NULL,
  till_id     uuid NOT NULL,
  device_id   uuid NOT NULL,
  fence       bigint NOT NULL CHECK (fence > 0),
  label       text NOT NULL,
  claimed_by  text NOT NULL,
  claimed_at  timestamptz NOT NULL,
  released_at timestamptz,
  UNIQUE (tenant_id, till_id, fence),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

# The hash is part of the key: a device that was copied may write a second record of the same number, and both are kept.
TILL_JOURNAL = """
  till_id     uuid NOT NULL,
  device_id   uuid NOT NULL,
  seq         bigint NOT NULL CHECK (seq > 0),
  kind        text NOT NULL,
  record_id   uuid NOT NULL,
  at          text NOT NULL,
  payload     text NOT NULL,
  prev_hash   text NOT NULL CHECK (prev_hash ~ '^[0-9a-f]{64}$'),
  hash        text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  intact      boolean NOT NULL,
  fence       bigint NOT NULL,
  status      text NOT NULL CHECK (status IN ('created', 'replayed', 'conflict', 'invalid')),
  answer      jsonb NOT NULL,
  received_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

CATEGORY = """
  id       uuid NOT NULL,
  name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  hue      smallint NOT NULL CHECK (hue BETWEEN 0 AND 359),
  position integer NOT NULL,
  UNIQUE (tenant_id, name),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

TAX_CLASS = """
  id          uuid NOT NULL,
  code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 20),
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  rate_micros integer NOT NULL CHECK (rate_micros BETWEEN 0 AND 1000000),
  UNIQUE (tenant_id, code),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

PRODUCT = """
  id            uuid NOT NULL,
  sku           text NOT NULL CHECK (length(sku) BETWEEN 1 AND 60),
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 160),
  search_text   text NOT NULL GENERATED ALWAYS AS (lower(name || ' ' || sku)) STORED,
  sort_name     text NOT NULL GENERATED ALWAYS AS (lower(name)) STORED,
  category_id   uuid,
  tax_class_id  uuid NOT NULL,
  price_minor   bigint NOT NULL CHECK (price_minor BETWEEN 0 AND 1000000000000),
  unit          text NOT NULL CHECK (length(unit) BETWEEN 1 AND 12),
  decimals      smallint NOT NULL CHECK (decimals BETWEEN 0 AND 3),
  unit_cost     numeric(18, 6) NOT NULL CHECK (unit_cost >= 0),
  reorder_point numeric(14, 3) CHECK (reorder_point >= 0),
  favourite     boolean NOT NULL,
  version       bigint NOT NULL CHECK (version > 0),
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  archived_at   timestamptz,
  UNIQUE (tenant_id, sku),
  FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id),
  FOREIGN KEY (tenant_id, tax_class_id) REFERENCES tax_class (tenant_id, id)
"""

BARCODE = """
  id         uuid NOT NULL,
  product_id uuid NOT NULL,
  code       text NOT NULL CHECK (length(code) BETWEEN 1 AND 48),
  normalised text NOT NULL CHECK (length(normalised) BETWEEN 1 AND 48),
  position   integer NOT NULL,
  UNIQUE (tenant_id, normalised),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

STOCK_MOVE = """
  id          uuid NOT NULL,
  store_id    uuid NOT NULL,
  product_id  uuid NOT NULL,
  kind        text NOT NULL
              CHECK (kind IN ('opening', 'receipt', 'adjustment', 'waste', 'transfer', 'count', 'sale', 'return')),
  quantity    numeric(14, 3) NOT NULL,
  unit_cost   numeric(18, 6) NOT NULL,
  reason      text NOT NULL,
  source_id   uuid,
  actor_name  text NOT NULL,
  occurred_at timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

STOCK_DELTA = """
  id         uuid NOT NULL,
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  quantity   numeric(14, 3) NOT NULL
"""

STOCK_BALANCE = """
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  on_hand    numeric(14, 3) NOT NULL,
  unit_cost  numeric(18, 6) NOT NULL,
  low_since  timestamptz,
  updated_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

INDEXES = """
CREATE INDEX till_store ON till (tenant_id, store_id);
CREATE UNIQUE INDEX till_claim_open ON till_claim (tenant_id, till_id) WHERE released_at IS NULL;
CREATE INDEX till_journal_record ON till_journal (tenant_id, record_id);
CREATE INDEX product_version ON product (tenant_id, version);
CREATE INDEX product_name ON product (tenant_id, sort_name, id);
CREATE INDEX product_price ON product (tenant_id, price_minor, id);
CREATE INDEX product_updated ON product (tenant_id, updated_at, id);
CREATE INDEX product_category ON product (tenant_id, category_id);
CREATE INDEX product_tax_class ON product (tenant_id, tax_class_id);
CREATE INDEX barcode_product ON barcode (tenant_id, product_id);
CREATE INDEX stock_move_newest ON stock_move (tenant_id, occurred_at DESC, id DESC);
CREATE INDEX stock_move_product ON stock_move (tenant_id, product_id, occurred_at DESC, id DESC);
CREATE INDEX stock_move_source ON stock_move (tenant_id, source_id);
CREATE INDEX stock_move_store ON stock_move (tenant_id, store_id, occurred_at DESC, id DESC);
CREATE INDEX stock_delta_product ON stock_delta (tenant_id, store_id, product_id);
CREATE INDEX stock_balance_product ON stock_balance (tenant_id, product_id);
CREATE INDEX stock_balance_low ON stock_balance (tenant_id, store_id, product_id) WHERE low_since IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    """Make the tables of the shop floor."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("store", STORE))
        await run(tenant_table("till", TILL))
        await run(tenant_table("till_claim", TILL_CLAIM))
        await run(tenant_table("till_journal", TILL_JOURNAL, grants="append", key="till_id, device_id, seq, hash"))
        await run(tenant_table("category", CATEGORY, grants="remove"))
        await run(tenant_table("tax_class", TAX_CLASS))
        await run(tenant_table("product", PRODUCT))
        await run(tenant_table("barcode", BARCODE, grants="remove"))
        await run(tenant_table("catalogue_head", "version bigint NOT NULL CHECK (version >= 0)", key="tenant_id"))
        await run(tenant_table("stock_move", STOCK_MOVE, grants="append"))
        await run(tenant_table("stock_delta", STOCK_DELTA, grants="remove"))
        await run(tenant_table("stock_balance", STOCK_BALANCE, key="store_id, product_id"))
        await run(INDEXES)

    manager.add_raw(create)
    return manager
