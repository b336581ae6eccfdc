"""Counts, costing by layers, revaluations, values of past days, reasons of waste, rules of reordering."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import parents_floor, store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0034_counts"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# What waits to be folded carries its cost, and a balance what it is worth, exactly: quantities have three decimals and
# costs six, so nothing of their product is lost.
WORTH = """
ALTER TABLE stock_delta ADD COLUMN unit_cost numeric(18, 6);
ALTER TABLE stock_balance ADD COLUMN worth numeric(28, 9);
ALTER TABLE stock_delta NO FORCE ROW LEVEL SECURITY;
ALTER TABLE stock_balance NO FORCE ROW LEVEL SECURITY;
ALTER TABLE stock_move NO FORCE ROW LEVEL SECURITY;
UPDATE stock_delta d SET unit_cost = m.unit_cost FROM stock_move m WHERE m.tenant_id = d.tenant_id AND m.id = d.id;
UPDATE stock_delta SET unit_cost = 0 WHERE unit_cost IS NULL;
UPDATE stock_balance SET worth = on_hand * unit_cost;
ALTER TABLE stock_delta FORCE ROW LEVEL SECURITY;
ALTER TABLE stock_balance FORCE ROW LEVEL SECURITY;
ALTER TABLE stock_move FORCE ROW LEVEL SECURITY;
ALTER TABLE stock_delta ALTER COLUMN unit_cost SET NOT NULL;
ALTER TABLE stock_balance ALTER COLUMN worth SET NOT NULL;
"""

# Below zero is what was sold before anybody received it. `place` orders the layers of a product in a store.
COST_LAYER = """
  id         uuid NOT NULL,
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  place      bigint NOT NULL,
  move_id    uuid,
  quantity   numeric(14, 3) NOT NULL CHECK (quantity <> 0),
  unit_cost  numeric(18, 6) NOT NULL CHECK (unit_cost >= 0),
  UNIQUE (tenant_id, store_id, product_id, place),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

# `posted_minor` is this row's share of the entry that posted it; `unit_cost` is what a receipt really cost.
STOCK_REVALUATION = """
  id           uuid NOT NULL,
  store_id     uuid NOT NULL,
  product_id   uuid NOT NULL,
  cause        text NOT NULL CHECK (cause IN ('fold', 'corrected')),
  amount       numeric(28, 9) NOT NULL,
  posted_minor bigint NOT NULL,
  move_id      uuid,
  unit_cost    numeric(18, 6) CHECK (unit_cost >= 0),
  reason       text NOT NULL,
  actor_name   text NOT NULL,
  occurred_at  timestamptz NOT NULL,
  CHECK ((cause = 'corrected') = (move_id IS NOT NULL AND unit_cost IS NOT NULL)),
  FOREIGN KEY (tenant_id, move_id) REFERENCES stock_move (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

# The close of those days (UTC) on which a product of a store moved, or came to be worth something else.
STOCK_DAY = """
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  day        date NOT NULL,
  on_hand    numeric(14, 3) NOT NULL,
  worth      numeric(28, 9) NOT NULL
"""

# What a store's moves and its lines on account Stock came to on a day, for the comparison with the books of then.
STOCK_BOOKS_DAY = """
  store_id     uuid NOT NULL,
  day          date NOT NULL,
  posted_minor bigint NOT NULL,
  moved_minor  bigint NOT NULL,
  returns      bigint NOT NULL,
  books_minor  bigint NOT NULL
"""

# One row per business: rows with an id below `bound` are in the days, the others are not.
STOCK_DAY_HEAD = """
  bound   uuid NOT NULL,
  kept_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

STOCK_COUNT = """
  id               uuid NOT NULL,
  store_id         uuid NOT NULL,
  name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  kind             text NOT NULL CHECK (kind IN ('full', 'cycle', 'some')),
  classes          text[] NOT NULL CHECK (classes <@ ARRAY['A', 'B', 'C']),
  category_id      uuid,
  blind            boolean NOT NULL,
  uncounted        text NOT NULL CHECK (uncounted IN ('keep', 'zero')),
  recount_minor    bigint CHECK (recount_minor >= 0),
  started_at       timestamptz NOT NULL,
  started_by_name  text NOT NULL,
  finished_at      timestamptz,
  finished_by_name text,
  cancelled_at     timestamptz,
  variance_minor   bigint,
  gross_minor      bigint,
  CHECK (finished_at IS NULL OR cancelled_at IS NULL),
  CHECK ((finished_at IS NULL) = (variance_minor IS NULL AND gross_minor IS NULL)),
  FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

STOCK_COUNT_AREA = """
  id       uuid NOT NULL,
  count_id uuid NOT NULL,
  name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  sells    boolean NOT NULL,
  position smallint NOT NULL,
  UNIQUE (tenant_id, count_id, id),
  UNIQUE (tenant_id, count_id, name),
  FOREIGN KEY (tenant_id, count_id) REFERENCES stock_count (tenant_id, id)
"""

# What is to be counted, and, once the count is finished, what came out.
STOCK_COUNT_LINE = """
  count_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  round      smallint NOT NULL CHECK (round BETWEEN 1 AND 9),
  counted    numeric(14, 3),
  expected   numeric(14, 3),
  unit_cost  numeric(18, 6),
  counted_at timestamptz,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, count_id) REFERENCES stock_count (tenant_id, id)
"""

STOCK_COUNT_ENTRY = """
  id         uuid NOT NULL,
  count_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  area_id    uuid NOT NULL,
  round      smallint NOT NULL CHECK (round BETWEEN 1 AND 9),
  mode       text NOT NULL CHECK (mode IN ('add', 'set')),
  quantity   numeric(14, 3) NOT NULL,
  counted_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  actor_id   uuid,
  actor_name text NOT NULL,
  CHECK (mode = 'add' OR quantity >= 0),
  FOREIGN KEY (tenant_id, count_id, product_id) REFERENCES stock_count_line (tenant_id, count_id, product_id),
  FOREIGN KEY (tenant_id, count_id, area_id) REFERENCES stock_count_area (tenant_id, count_id, id)
"""

WASTE_REASON = """
  id          uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  purpose     text NOT NULL CHECK (purpose IN ('waste', 'waste_expired', 'waste_damaged', 'theft', 'own_use', 'gifts')),
  position    smallint NOT NULL,
  created_at  timestamptz NOT NULL,
  archived_at timestamptz,
  UNIQUE (tenant_id, name),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# The id is the document's: its moves carry it as their source.
WASTE = """
  id          uuid NOT NULL,
  store_id    uuid NOT NULL,
  reason_id   uuid NOT NULL,
  note        text NOT NULL CHECK (length(note) <= 200),
  cost_minor  bigint NOT NULL,
  actor_name  text NOT NULL,
  occurred_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, reason_id) REFERENCES waste_reason (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

# Without a store it holds for every store that has no rule of its own; the reorder point of all stores stands on the
# product itself, where tills, lists and imports have always had it.
STOCK_RULE = """
  id              uuid NOT NULL,
  product_id      uuid NOT NULL,
  store_id        uuid,
  reorder_point   numeric(14, 3) CHECK (reorder_point >= 0),
  safety_stock    numeric(14, 3) CHECK (safety_stock >= 0),
  target          numeric(14, 3) CHECK (target >= 0),
  lead_days       smallint CHECK (lead_days BETWEEN 0 AND 365),
  pack_quantity   numeric(14, 3) CHECK (pack_quantity > 0),
  minimum_order   numeric(14, 3) CHECK (minimum_order > 0),
  version         bigint NOT NULL CHECK (version > 0),
  updated_at      timestamptz NOT NULL,
  CHECK (store_id IS NOT NULL OR reorder_point IS NULL),
  CHECK (target >= reorder_point),
  UNIQUE NULLS NOT DISTINCT (tenant_id, product_id, store_id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

INDEXES = """
CREATE INDEX stock_revaluation_store ON stock_revaluation (tenant_id, store_id, occurred_at);
CREATE INDEX stock_revaluation_product ON stock_revaluation (tenant_id, product_id);
CREATE INDEX stock_revaluation_move ON stock_revaluation (tenant_id, move_id) WHERE move_id IS NOT NULL;
CREATE INDEX cost_layer_product ON cost_layer (tenant_id, product_id);
CREATE INDEX cost_layer_move ON cost_layer (tenant_id, move_id) WHERE move_id IS NOT NULL;
CREATE INDEX stock_count_newest ON stock_count (tenant_id, started_at DESC, id DESC);
CREATE INDEX stock_count_store ON stock_count (tenant_id, store_id);
CREATE INDEX stock_count_category ON stock_count (tenant_id, category_id) WHERE category_id IS NOT NULL;
CREATE INDEX stock_count_line_product ON stock_count_line (tenant_id, product_id);
CREATE INDEX stock_count_entry_line ON stock_count_entry (tenant_id, count_id, product_id, id);
CREATE INDEX stock_count_entry_area ON stock_count_entry (tenant_id, count_id, area_id);
CREATE INDEX waste_newest ON waste (tenant_id, occurred_at DESC, id DESC);
CREATE INDEX waste_of_store ON waste (tenant_id, store_id);
CREATE INDEX waste_of_reason ON waste (tenant_id, reason_id);
CREATE INDEX stock_rule_store ON stock_rule (tenant_id, store_id) WHERE store_id IS NOT NULL;
"""

# Books that are open already get the accounts which costs and waste are told apart by, where their codes are free.
ACCOUNTS = """
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT o.tenant_id, gen_random_uuid(),
       CASE WHEN EXISTS (SELECT FROM account t WHERE t.tenant_id = o.tenant_id AND t.code = a.code)
            THEN a.code || '00' ELSE a.code END, a.name, 'expense', a.purpose, now()
  FROM (SELECT DISTINCT tenant_id FROM account) o
 CROSS JOIN (VALUES ('5110', 'Waste: out of date', 'waste_expired'), ('5120', 'Waste: broken', 'waste_damaged'),
                    ('5130', 'Theft and loss', 'theft'), ('5140', 'Own use', 'own_use'),
                    ('5150', 'Samples and gifts', 'gifts'), ('5300', 'Cost differences', 'cost_difference'))
         AS a (code, name, purpose)
    ON CONFLICT DO NOTHING;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
"""

# Whoever may move stock could count and correct so far: all still may, without a limit; clerks count, and ask.
RIGHTS = """
ALTER TABLE role NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT r.tenant_id, r.role_key, n.name, r.state, NULL
  FROM role_right r CROSS JOIN (VALUES ('count_stock'), ('finish_count')) AS n (name)
 WHERE r.permission = 'move_stock'
    ON CONFLICT DO NOTHING;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT r.tenant_id, r.key, n.name, n.state, NULL
  FROM role r CROSS JOIN (VALUES ('count_stock', 'allowed'), ('finish_count', 'approval')) AS n (name, state)
 WHERE r.key = 'clerk'
    ON CONFLICT DO NOTHING;
ALTER TABLE role FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""

# A rule without a store is the whole business's, and seen by everybody.
RULE_FLOOR = """
CREATE POLICY store_floor ON stock_rule AS RESTRICTIVE FOR SELECT TO countertop_app USING (
  (SELECT current_stores()) IS NULL OR store_id IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""

NAMES = {
    "stock_revaluation": ("actor_name", "reason"),
    "stock_count": ("started_by_name", "finished_by_name", "name"),
    "stock_count_entry": ("actor_id", "actor_name"),
    "waste": ("actor_name", "note"),
}


async def forwards() -> MigrationManager:
    """Make the tables, give balances their worth, books their accounts and roles their rights."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(WORTH)
        await run(tenant_table("cost_layer", COST_LAYER, grants="remove"))
        await run(tenant_table("stock_revaluation", STOCK_REVALUATION, grants="append"))
        await run(tenant_table("stock_day", STOCK_DAY, grants="remove", key="store_id, product_id, day"))
        await run(tenant_table("stock_books_day", STOCK_BOOKS_DAY, grants="remove", key="store_id, day"))
        await run(tenant_table("stock_day_head", STOCK_DAY_HEAD, grants="remove", key="tenant_id"))
        await run(tenant_table("stock_count", STOCK_COUNT))
        await run(tenant_table("stock_count_area", STOCK_COUNT_AREA))
        await run(tenant_table("stock_count_line", STOCK_COUNT_LINE, key="count_id, product_id"))
        await run(tenant_table("stock_count_entry", STOCK_COUNT_ENTRY, grants="append"))
        await run(tenant_table("waste_reason", WASTE_REASON))
        await run(tenant_table("waste", WASTE, grants="append"))
        await run(tenant_table("stock_rule", STOCK_RULE, grants="remove"))
        stored = ("cost_layer", "stock_revaluation", "stock_day", "stock_books_day", "stock_count", "waste")
        await run("".join(store_floor(name) for name in stored))
        await run(RULE_FLOOR)
        parts = ("stock_count_area", "stock_count_line", "stock_count_entry")
        await run("".join(parents_floor(name, "stock_count", "count_id") for name in parts))
        await run(INDEXES + ACCOUNTS + RIGHTS)
        await run("".join(erasure_rights(table, columns) for table, columns in NAMES.items()))

    manager.add_raw(create)
    return manager
