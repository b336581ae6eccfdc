"""The columns of the stockroom's tables, as m0033_stockroom.py makes them."""

from __future__ import annotations

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
  UNIQUE (tenant_id, from_store_id, number),
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
