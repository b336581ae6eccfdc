"""Books, shifts and cash, sales with their lines, taxes and tenders, sync exceptions."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0003_selling"
VERSION = "1.38.0"
DESCRIPTION = __doc__

ACCOUNT = """
  id         uuid NOT NULL,
  code       text NOT NULL CHECK (code ~ '^[0-9]{4,8}$'),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  kind       text NOT NULL CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense')),
  purpose    text,
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, code),
  UNIQUE (tenant_id, purpose),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

JOURNAL_ENTRY = """
  id            uuid NOT NULL,
  store_id      uuid NOT NULL,
  kind          text NOT NULL,
  source_id     uuid NOT NULL,
  occurred_at   timestamptz NOT NULL,
  business_date date NOT NULL,
  currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  memo          text NOT NULL,
  created_at    timestamptz NOT NULL,
  UNIQUE (tenant_id, kind, source_id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

JOURNAL_LINE = """
  entry_id     uuid NOT NULL,
  position     smallint NOT NULL,
  account_id   uuid NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  FOREIGN KEY (tenant_id, entry_id) REFERENCES journal_entry (tenant_id, id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id)
"""

# One check per statement, not per row: every entry's lines are written by one statement, and must add up to zero.
BALANCE_WALL = """
CREATE FUNCTION refuse_unbalanced_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM written GROUP BY tenant_id, entry_id HAVING sum(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'journal entry does not balance' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'journal_entry_balances';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER journal_entry_balances AFTER INSERT ON journal_line
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_entry();
"""

SHIFT = """
  id                  uuid NOT NULL,
  store_id            uuid NOT NULL,
  till_id             uuid NOT NULL,
  number              integer NOT NULL CHECK (number > 0),
  business_date       date NOT NULL,
  opened_at           timestamptz NOT NULL,
  opened_by           uuid,
  opened_by_name      text NOT NULL,
  opening_float_minor bigint NOT NULL CHECK (opening_float_minor >= 0),
  closed_at           timestamptz,
  UNIQUE (tenant_id, till_id, number),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

CASH_MOVE = """
  id           uuid NOT NULL,
  shift_id     uuid NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('pay_in', 'pay_out', 'drop')),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  reason       text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
  actor_id     uuid,
  actor_name   text NOT NULL,
  occurred_at  timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, shift_id) REFERENCES shift (tenant_id, id)
"""

DRAWER_EVENT = """
  id          uuid NOT NULL,
  shift_id    uuid NOT NULL,
  reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
  actor_id    uuid,
  actor_name  text NOT NULL,
  occurred_at timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, shift_id) REFERENCES shift (tenant_id, id)
"""

# The Z report of a closed shift. It is never edited: what arrives later is listed beside it (sale.after_close).
Z_REPORT = """
  shift_id       uuid NOT NULL,
  counted_minor  bigint NOT NULL CHECK (counted_minor >= 0),
  expected_minor bigint NOT NULL,
  variance_minor bigint NOT NULL,
  denominations  jsonb,
  report         jsonb NOT NULL,
  closed_at      timestamptz NOT NULL,
  closed_by      uuid,
  closed_by_name text NOT NULL,
  CHECK (variance_minor = counted_minor - expected_minor),
  FOREIGN KEY (tenant_id, shift_id) REFERENCES shift (tenant_id, id)
"""

SALE = """
  id                  uuid NOT NULL,
  kind                text NOT NULL CHECK (kind IN ('sale', 'return')),
  store_id            uuid NOT NULL,
  till_id             uuid NOT NULL,
  shift_id            uuid,
  after_close         boolean NOT NULL,
  number              bigint NOT NULL CHECK (number > 0),
  number_clash        integer NOT NULL,
  original_id         uuid,
  customer_id         uuid,
  customer_ref        text,
  occurred_at         timestamptz NOT NULL,
  received_at         timestamptz NOT NULL,
  business_date       date NOT NULL,
  local_hour          smallint NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
  currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  prices_include_tax  boolean NOT NULL,
  engine              text NOT NULL,
  units               numeric(14, 3) NOT NULL,
  subtotal_minor      bigint NOT NULL,
  tax_minor           bigint NOT NULL,
  total_minor         bigint NOT NULL,
  discount_minor      bigint NOT NULL,
  cash_rounding_minor bigint NOT NULL,
  claimed_total_minor bigint NOT NULL,
  cost_minor          bigint NOT NULL,
  cashier_id          uuid,
  cashier_name        text NOT NULL,
  body_hash           bytea NOT NULL CHECK (length(body_hash) = 32),
  CHECK (subtotal_minor + tax_minor = total_minor),
  CHECK ((kind = 'return') = (original_id IS NOT NULL)),
  UNIQUE (tenant_id, till_id, kind, number, number_clash),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, shift_id) REFERENCES shift (tenant_id, id),
  FOREIGN KEY (tenant_id, original_id) REFERENCES sale (tenant_id, id)
"""

# Line ids are the till's; they are unique within their sale, so that one careless till can't hold up another's sale.
# A return's line says which quantity of the sold line was back before it: no two returns can start from one standing.
SALE_LINE = """
  sale_id          uuid NOT NULL,
  id               uuid NOT NULL,
  position         smallint NOT NULL,
  product_id       uuid,
  name             text NOT NULL,
  sku              text NOT NULL,
  quantity         numeric(14, 3) NOT NULL,
  unit_price_minor bigint NOT NULL,
  discount_minor   bigint NOT NULL,
  net_minor        bigint NOT NULL,
  tax_minor        bigint NOT NULL,
  total_minor      bigint NOT NULL,
  tax_code         text NOT NULL,
  rate_micros      integer NOT NULL,
  unit_cost        numeric(18, 6) NOT NULL,
  cost_minor       bigint NOT NULL,
  original_sale_id uuid,
  original_line_id uuid,
  returned_before  numeric(14, 3) CHECK (returned_before >= 0),
  CHECK (net_minor + tax_minor = total_minor),
  CHECK (num_nulls(original_sale_id, original_line_id, returned_before) IN (0, 3)),
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, original_sale_id, original_line_id) REFERENCES sale_line (tenant_id, sale_id, id)
"""

SALE_TAX = """
  sale_id     uuid NOT NULL,
  tax_code    text NOT NULL,
  rate_micros integer NOT NULL,
  base_minor  bigint NOT NULL,
  tax_minor   bigint NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id)
"""

TENDER = """
  sale_id      uuid NOT NULL,
  position     smallint NOT NULL,
  type         text NOT NULL CHECK (type ~ '^[a-z][a-z_]{0,19}$'),
  amount_minor bigint NOT NULL,
  change_minor bigint NOT NULL,
  reference    text NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id)
"""

SYNC_EXCEPTION = """
  id          uuid NOT NULL,
  sale_id     uuid,
  till_id     uuid,
  store_id    uuid,
  product_id  uuid,
  code        text NOT NULL,
  facts       jsonb NOT NULL,
  created_at  timestamptz NOT NULL,
  resolved_at timestamptz,
  resolved_by text,
  resolution  text,
  CHECK (num_nulls(resolved_at, resolved_by, resolution) IN (0, 3)),
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

INDEXES = """
CREATE INDEX journal_entry_date ON journal_entry (tenant_id, business_date, id);
CREATE INDEX journal_entry_store ON journal_entry (tenant_id, store_id);
CREATE INDEX journal_line_account ON journal_line (tenant_id, account_id, entry_id);
CREATE UNIQUE INDEX shift_open_on_till ON shift (tenant_id, till_id) WHERE closed_at IS NULL;
CREATE INDEX shift_store ON shift (tenant_id, store_id, opened_at);
CREATE INDEX shift_newest ON shift (tenant_id, opened_at DESC, id DESC);
CREATE INDEX cash_move_shift ON cash_move (tenant_id, shift_id);
CREATE INDEX drawer_event_shift ON drawer_event (tenant_id, shift_id);
CREATE INDEX sale_newest ON sale (tenant_id, occurred_at DESC, id DESC);
CREATE INDEX sale_total ON sale (tenant_id, total_minor, id);
CREATE INDEX sale_received ON sale (tenant_id, received_at, id);
CREATE INDEX sale_shift ON sale (tenant_id, shift_id);
CREATE INDEX sale_original ON sale (tenant_id, original_id) WHERE original_id IS NOT NULL;
CREATE INDEX sale_day ON sale (tenant_id, business_date, store_id);
CREATE INDEX sale_line_product ON sale_line (tenant_id, product_id);
CREATE UNIQUE INDEX sale_line_return ON sale_line (tenant_id, original_sale_id, original_line_id, returned_before)
  WHERE original_line_id IS NOT NULL;
CREATE INDEX sync_exception_open ON sync_exception (tenant_id, created_at DESC, id) WHERE resolved_at IS NULL;
CREATE INDEX sync_exception_sale ON sync_exception (tenant_id, sale_id);
CREATE INDEX sync_exception_till ON sync_exception (tenant_id, till_id);
CREATE INDEX sync_exception_store ON sync_exception (tenant_id, store_id);
CREATE INDEX sync_exception_product ON sync_exception (tenant_id, product_id) WHERE product_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    """Make the tables of selling and of the books."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("account", ACCOUNT))
        await run(tenant_table("journal_entry", JOURNAL_ENTRY, grants="append"))
        await run(tenant_table("journal_line", JOURNAL_LINE, grants="append", key="entry_id, position"))
        await run(BALANCE_WALL)
        await run(tenant_table("shift", SHIFT))
        await run(tenant_table("cash_move", CASH_MOVE, grants="append"))
        await run(tenant_table("drawer_event", DRAWER_EVENT, grants="append"))
        await run(tenant_table("z_report", Z_REPORT, grants="append", key="shift_id"))
        await run(tenant_table("sale", SALE, grants="append"))
        await run(tenant_table("sale_line", SALE_LINE, grants="append", key="sale_id, id"))
        await run(tenant_table("sale_tax", SALE_TAX, grants="append", key="sale_id, tax_code, rate_micros"))
        await run(tenant_table("tender", TENDER, grants="append", key="sale_id, position"))
        await run(tenant_table("sync_exception", SYNC_EXCEPTION))
        await run(INDEXES)

    manager.add_raw(create)
    return manager
