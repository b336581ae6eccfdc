"""The stockroom: places inside a store, reservations, lots, serial numbers, transfers between stores."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import parents_floor, store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0033_stockroom"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# A move may say which lot or piece it moved. Text and no key: what was paid for has left, whatever its label says.
MOVES = """
ALTER TABLE product ADD COLUMN IF NOT EXISTS tracking text NOT NULL DEFAULT 'none'
  CHECK (tracking IN ('none', 'lot', 'serial'));
ALTER TABLE stock_move ADD COLUMN trace text NOT NULL DEFAULT '' CHECK (length(trace) <= 60);
ALTER TABLE stock_delta ADD COLUMN trace text NOT NULL DEFAULT '';
ALTER TABLE stock_move DROP CONSTRAINT stock_move_kind_check;
ALTER TABLE stock_move ADD CONSTRAINT stock_move_kind_check CHECK (kind IN (
  'opening', 'receipt', 'adjustment', 'waste', 'transfer', 'count', 'sale', 'return', 'dispatch', 'arrival'));
"""

LOCATION = """
  id         uuid NOT NULL,
  store_id   uuid NOT NULL,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  kind       text NOT NULL CHECK (kind IN ('storage', 'cold', 'display', 'blocked')),
  version    bigint NOT NULL CHECK (version > 0),
  created_at timestamptz NOT NULL,
  closed_at  timestamptz,
  UNIQUE (tenant_id, store_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

# Only what lies outside of the place that the till sells from: that one has the rest of the balance.
STOCK_PLACE = """
  store_id    uuid NOT NULL,
  product_id  uuid NOT NULL,
  location_id uuid NOT NULL,
  on_hand     numeric(14, 3) NOT NULL CHECK (on_hand >= 0),
  updated_at  timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id, location_id) REFERENCES location (tenant_id, store_id, id)
"""

PLACE_MOVE = """
  id               uuid NOT NULL,
  store_id         uuid NOT NULL,
  product_id       uuid NOT NULL,
  from_location_id uuid,
  to_location_id   uuid,
  quantity         numeric(14, 3) NOT NULL CHECK (quantity > 0),
  reason           text NOT NULL,
  source_id        uuid NOT NULL,
  actor_name       text NOT NULL,
  at               timestamptz NOT NULL,
  CHECK (from_location_id IS DISTINCT FROM to_location_id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id, from_location_id) REFERENCES location (tenant_id, store_id, id),
  FOREIGN KEY (tenant_id, store_id, to_location_id) REFERENCES location (tenant_id, store_id, id)
"""

RESERVATION = """
  id          uuid NOT NULL,
  store_id    uuid NOT NULL,
  product_id  uuid NOT NULL,
  quantity    numeric(14, 3) NOT NULL CHECK (quantity > 0),
  note        text NOT NULL,
  source_id   uuid,
  expires_at  timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  created_by  text NOT NULL,
  released_at timestamptz,
  ending      text CHECK (ending IN ('released', 'expired', 'used')),
  CHECK ((released_at IS NULL) = (ending IS NULL)),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

# Whose stock is kept by lot or by piece, from which balance on. `unnamed`: what of the balance no lot or number has.
TRACED = """
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  tracking   text NOT NULL CHECK (tracking IN ('lot', 'serial')),
  unnamed    numeric(14, 3) NOT NULL,
  since      timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

LOT = """
  id          uuid NOT NULL,
  product_id  uuid NOT NULL,
  code        text NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
  expires_on  date,
  received_at timestamptz,
  created_at  timestamptz NOT NULL,
  UNIQUE (tenant_id, product_id, code),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

LOT_BALANCE = """
  store_id   uuid NOT NULL,
  lot_id     uuid NOT NULL,
  product_id uuid NOT NULL,
  on_hand    numeric(14, 3) NOT NULL,
  FOREIGN KEY (tenant_id, lot_id) REFERENCES lot (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

# Which part of which move was given to a lot; without a move: goods that were named afterwards.
LOT_MOVE = """
  id         uuid NOT NULL,
  store_id   uuid NOT NULL,
  product_id uuid NOT NULL,
  lot_id     uuid NOT NULL,
  move_id    uuid,
  quantity   numeric(14, 3) NOT NULL,
  reason     text NOT NULL,
  actor_name text NOT NULL,
  at         timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, lot_id) REFERENCES lot (tenant_id, id),
  FOREIGN KEY (tenant_id, move_id) REFERENCES stock_move (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

# On its way between stores a piece is in none of them.
SERIAL = """
  id         uuid NOT NULL,
  product_id uuid NOT NULL,
  number     text NOT NULL CHECK (length(number) BETWEEN 1 AND 60),
  state      text NOT NULL CHECK (state IN ('in_stock', 'in_transit', 'sold', 'returned', 'scrapped')),
  store_id   uuid,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, product_id, number),
  CHECK ((state = 'in_transit') = (store_id IS NULL)),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

SERIAL_EVENT = """
  id         uuid NOT NULL,
  serial_id  uuid NOT NULL,
  store_id   uuid NOT NULL,
  before     text,
  state      text NOT NULL,
  source_id  uuid,
  odd        boolean NOT NULL,
  reason     text NOT NULL,
  actor_name text NOT NULL,
  at         timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, serial_id) REFERENCES serial (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

TRANSFER = """
  id            uuid NOT NULL,
  number        integer NOT NULL CHECK (number > 0),
  from_store_id uuid NOT NULL,
  to_store_id   uuid NOT NULL,
  from_name     text NOT NULL,
  to_name       text NOT NULL,
  state         text NOT NULL CHECK (state IN ('draft', 'sent', 'received', 'cancelled')),
  note          text NOT NULL,
  receipt_id    uuid,
  created_at    timestamptz NOT NULL,
  sent_at       timestamptz,
  received_at   timestamptz,
  UNIQUE (tenant_id, number),
  CHECK (from_store_id <> to_store_id),
  CHECK ((state = 'received') = (received_at IS NOT NULL)),
  CHECK (state NOT IN ('sent', 'received') OR sent_at IS NOT NULL),
  FOREIGN KEY (tenant_id, from_store_id) REFERENCES store (tenant_id, id),
  FOREIGN KEY (tenant_id, to_store_id) REFERENCES store (tenant_id, id)
"""

# arrived: what can be sold of what came; damaged: what came and can't be. Empty: nobody has looked yet.
TRANSFER_LINE = """
  id          uuid NOT NULL,
  transfer_id uuid NOT NULL,
  product_id  uuid NOT NULL,
  trace       text NOT NULL CHECK (length(trace) <= 60),
  position    integer NOT NULL,
  quantity    numeric(14, 3) NOT NULL CHECK (quantity >= 0),
  unit_cost   numeric(18, 6),
  arrived     numeric(14, 3) CHECK (arrived >= 0),
  damaged     numeric(14, 3) CHECK (damaged >= 0),
  decision    text CHECK (decision IN ('agrees', 'shelf', 'sender', 'receiver')),
  UNIQUE (tenant_id, transfer_id, product_id, trace),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, transfer_id) REFERENCES transfer (tenant_id, id)
"""

TRANSFER_EVENT = """
  id          uuid NOT NULL,
  transfer_id uuid NOT NULL,
  what        text NOT NULL CHECK (what IN ('drafted', 'sent', 'received', 'decided', 'cancelled')),
  reason      text NOT NULL,
  actor_name  text NOT NULL,
  at          timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, transfer_id) REFERENCES transfer (tenant_id, id)
"""

INDEXES = """
CREATE UNIQUE INDEX location_name ON location (tenant_id, store_id, lower(name)) WHERE closed_at IS NULL;
CREATE INDEX stock_place_location ON stock_place (tenant_id, store_id, location_id);
CREATE INDEX stock_place_product ON stock_place (tenant_id, product_id);
CREATE INDEX place_move_newest ON place_move (tenant_id, store_id, at DESC, id DESC);
CREATE INDEX place_move_product ON place_move (tenant_id, product_id, at DESC, id DESC);
CREATE INDEX place_move_from ON place_move (tenant_id, store_id, from_location_id);
CREATE INDEX place_move_to ON place_move (tenant_id, store_id, to_location_id);
CREATE INDEX place_move_source ON place_move (tenant_id, source_id);
CREATE INDEX reservation_live ON reservation (tenant_id, store_id, product_id) WHERE released_at IS NULL;
CREATE INDEX reservation_due ON reservation (tenant_id, expires_at) WHERE released_at IS NULL;
CREATE INDEX reservation_newest ON reservation (tenant_id, created_at DESC, id DESC);
CREATE INDEX reservation_product ON reservation (tenant_id, product_id);
CREATE INDEX reservation_store ON reservation (tenant_id, store_id);
CREATE INDEX traced_product ON traced (tenant_id, product_id);
CREATE INDEX lot_expiring ON lot (tenant_id, expires_on) WHERE expires_on IS NOT NULL;
CREATE INDEX lot_balance_held ON lot_balance (tenant_id, store_id, product_id) WHERE on_hand <> 0;
CREATE INDEX lot_balance_lot ON lot_balance (tenant_id, lot_id);
CREATE INDEX lot_balance_product ON lot_balance (tenant_id, product_id);
CREATE INDEX lot_move_lot ON lot_move (tenant_id, lot_id, at DESC, id DESC);
CREATE INDEX lot_move_move ON lot_move (tenant_id, move_id);
CREATE INDEX lot_move_product ON lot_move (tenant_id, product_id);
CREATE INDEX lot_move_store ON lot_move (tenant_id, store_id);
CREATE INDEX serial_number ON serial (tenant_id, number);
CREATE INDEX serial_here ON serial (tenant_id, store_id, product_id, state);
CREATE INDEX serial_newest ON serial (tenant_id, updated_at DESC, id DESC);
CREATE INDEX serial_event_serial ON serial_event (tenant_id, serial_id, at DESC, id DESC);
CREATE INDEX serial_event_store ON serial_event (tenant_id, store_id);
CREATE INDEX serial_event_source ON serial_event (tenant_id, source_id);
CREATE INDEX transfer_newest ON transfer (tenant_id, created_at DESC, id DESC);
CREATE INDEX transfer_from ON transfer (tenant_id, from_store_id);
CREATE INDEX transfer_to ON transfer (tenant_id, to_store_id);
CREATE INDEX transfer_under_way ON transfer (tenant_id, to_store_id) WHERE state = 'sent';
CREATE INDEX transfer_line_product ON transfer_line (tenant_id, product_id);
CREATE INDEX transfer_line_open ON transfer_line (tenant_id, transfer_id) WHERE decision IS NULL;
CREATE INDEX transfer_event_of ON transfer_event (tenant_id, transfer_id, at);
"""

_OWN = "(SELECT current_stores()) IS NULL"
_TRANSFER_OWN = f"""{_OWN} OR from_store_id = ANY ((SELECT current_stores())::uuid[])
                    OR to_store_id = ANY ((SELECT current_stores())::uuid[])"""
# Seen by both ends of a transfer; a piece on its way by everybody who may meet it.
FLOORS = f"""
CREATE POLICY store_floor ON transfer AS RESTRICTIVE FOR SELECT TO PUBLIC USING ({_TRANSFER_OWN});
CREATE POLICY store_floor ON serial AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
  {_OWN} OR store_id IS NULL OR store_id = ANY ((SELECT current_stores())::uuid[]));
"""

NAMES: dict[str, tuple[str, ...]] = {
    "place_move": ("actor_name", "reason"),
    "reservation": ("created_by", "note"),
    "lot_move": ("actor_name", "reason"),
    "serial_event": ("actor_name", "reason"),
    "transfer": ("note",),
    "transfer_event": ("actor_name", "reason"),
}

# Businesses that are there already get the account, and their roles the rights that new ones have.
SEED = """
ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE account NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO account (tenant_id, id, code, name, kind, purpose, created_at)
SELECT DISTINCT a.tenant_id, gen_random_uuid(), '1210', 'Goods on the way', 'asset', 'in_transit', now()
  FROM account a WHERE a.purpose = 'stock' ON CONFLICT DO NOTHING;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT r.tenant_id, r.role_key, n.permission, 'allowed', NULL
  FROM role_right r
  JOIN (VALUES ('move_stock', 'settle_transfers'), ('move_stock', 'reserve_stock'), ('sell', 'reserve_stock'))
       AS n (held, permission) ON n.held = r.permission
 WHERE r.state = 'allowed' ON CONFLICT DO NOTHING;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Make the tables of the stockroom, and let moves say which lot or piece they moved."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(MOVES)
        await run(tenant_table("location", LOCATION))
        await run(tenant_table("stock_place", STOCK_PLACE, key="store_id, product_id, location_id"))
        await run(tenant_table("place_move", PLACE_MOVE, grants="append"))
        await run(tenant_table("reservation", RESERVATION))
        await run(tenant_table("traced", TRACED, grants="remove", key="store_id, product_id"))
        await run(tenant_table("lot", LOT))
        await run(tenant_table("lot_balance", LOT_BALANCE, key="store_id, lot_id"))
        await run(tenant_table("lot_move", LOT_MOVE, grants="append"))
        await run(tenant_table("serial", SERIAL))
        await run(tenant_table("serial_event", SERIAL_EVENT, grants="append"))
        await run(tenant_table("transfer", TRANSFER))
        await run(tenant_table("transfer_line", TRANSFER_LINE, grants="remove"))
        await run(tenant_table("transfer_event", TRANSFER_EVENT, grants="append"))
        await run(INDEXES + FLOORS)
        walled = ("location", "stock_place", "place_move", "reservation", "traced", "lot_balance", "lot_move")
        await run("".join(store_floor(table) for table in (*walled, "serial_event")))
        await run(
            "".join(parents_floor(table, "transfer", "transfer_id") for table in ("transfer_line", "transfer_event"))
        )
        await run("".join(erasure_rights(table, columns) for table, columns in NAMES.items()))
        await run(SEED)

    manager.add_raw(create)
    return manager
