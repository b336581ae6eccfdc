"""Promotions: offers with their versions, coupons, what offers took off each line, and trials on past baskets."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0005_rights import parents_floor

ID = "m0046_promotions"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `terms` are the kind's own and `windows` [{days, from, to}], as docs/algorithms/promotions.md has them.
OFFER = """
  id                uuid NOT NULL,
  version           integer NOT NULL CHECK (version > 0),
  name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  kind              text NOT NULL CHECK (kind IN ('percent', 'amount', 'fixed', 'buy_get', 'mix', 'meal', 'tiered',
                                                  'basket')),
  terms             jsonb NOT NULL CHECK (jsonb_typeof(terms) = 'object'),
  state             text NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'ended')),
  priority          smallint NOT NULL CHECK (priority BETWEEN 0 AND 999),
  exclusive         boolean NOT NULL,
  coupon            boolean NOT NULL,
  store_ids         uuid[] CHECK (cardinality(store_ids) > 0),
  customer_groups   text[] CHECK (cardinality(customer_groups) > 0),
  starts_at         timestamptz,
  ends_at           timestamptz CHECK (ends_at > starts_at),
  windows           jsonb NOT NULL CHECK (jsonb_typeof(windows) = 'array'),
  least_pieces      integer NOT NULL CHECK (least_pieces >= 0),
  least_spend_minor bigint NOT NULL CHECK (least_spend_minor >= 0),
  times             integer CHECK (times > 0),
  most_minor        bigint CHECK (most_minor > 0),
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# What the tills had from a version of their set of offers on: the whole offer, or nothing where it left the set.
OFFER_VERSION = """
  offer_id    uuid NOT NULL,
  set_version bigint NOT NULL CHECK (set_version > 0),
  body        jsonb CHECK (jsonb_typeof(body) = 'object'),
  made_at     timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, offer_id) REFERENCES offer (tenant_id, id)
"""

COUPON_SERIES = """
  id         uuid NOT NULL,
  offer_id   uuid NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('made', 'word')),
  prefix     text NOT NULL CHECK (prefix ~ '^[0-9A-Z]{1,20}$'),
  uses       integer CHECK (uses > 0),
  expires_at timestamptz,
  made       integer NOT NULL CHECK (made >= 0),
  created_at timestamptz NOT NULL,
  closed_at  timestamptz,
  FOREIGN KEY (tenant_id, offer_id) REFERENCES offer (tenant_id, id)
"""

# `used` is counted up behind the row's lock; the uses themselves are in coupon_use.
COUPON_CODE = """
  id         uuid NOT NULL,
  series_id  uuid NOT NULL,
  code       text NOT NULL CHECK (code ~ '^[0-9A-Z]{3,40}$'),
  uses       integer CHECK (uses > 0),
  used       integer NOT NULL CHECK (used >= 0),
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, code),
  FOREIGN KEY (tenant_id, series_id) REFERENCES coupon_series (tenant_id, id)
"""

COUPON_USE = """
  sale_id uuid NOT NULL,
  code_id uuid NOT NULL,
  used_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id),
  FOREIGN KEY (tenant_id, code_id) REFERENCES coupon_code (tenant_id, id)
"""

SALE_OFFER = """
  sale_id      uuid NOT NULL,
  line_id      uuid NOT NULL,
  offer_id     uuid NOT NULL,
  version      integer NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  FOREIGN KEY (tenant_id, sale_id, line_id) REFERENCES sale_line (tenant_id, sale_id, id),
  FOREIGN KEY (tenant_id, offer_id) REFERENCES offer (tenant_id, id)
"""

# What an offer would have done: `walked` sales of `wanted` are worked out, `after` is where it goes on.
OFFER_TRIAL = """
  id            uuid NOT NULL,
  offer_id      uuid NOT NULL,
  offer_version integer NOT NULL,
  state         text NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
  from_day      date NOT NULL,
  to_day        date NOT NULL CHECK (to_day >= from_day),
  wanted        integer NOT NULL CHECK (wanted >= 0),
  walked        integer NOT NULL CHECK (walked >= 0),
  after         uuid,
  result        jsonb NOT NULL CHECK (jsonb_typeof(result) = 'object'),
  created_at    timestamptz NOT NULL,
  finished_at   timestamptz,
  FOREIGN KEY (tenant_id, offer_id) REFERENCES offer (tenant_id, id)
"""

# The set of offers has the version of the catalogue at which it last changed; tills are told the tags that offers name.
HEAD = """
ALTER TABLE catalogue_head ADD COLUMN offers_version bigint NOT NULL DEFAULT 0;
ALTER TABLE catalogue_head ADD COLUMN offer_tags text[] NOT NULL DEFAULT '{}';
"""

INDEXES = """
CREATE INDEX offer_running ON offer (tenant_id) WHERE state = 'running';
CREATE INDEX offer_version_set ON offer_version (tenant_id, set_version);
CREATE INDEX offer_newest ON offer (tenant_id, id DESC);
CREATE INDEX coupon_series_offer ON coupon_series (tenant_id, offer_id);
CREATE UNIQUE INDEX coupon_series_prefix ON coupon_series (tenant_id, prefix);
CREATE INDEX coupon_code_series ON coupon_code (tenant_id, series_id, id);
CREATE INDEX coupon_use_code ON coupon_use (tenant_id, code_id);
CREATE INDEX sale_offer_offer ON sale_offer (tenant_id, offer_id, sale_id);
CREATE INDEX offer_trial_newest ON offer_trial (tenant_id, offer_id, id DESC);
"""


async def forwards() -> MigrationManager:
    """Make the tables."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("offer", OFFER, grants="remove"))
        await run(tenant_table("offer_version", OFFER_VERSION, grants="append", key="offer_id, set_version"))
        await run(tenant_table("coupon_series", COUPON_SERIES))
        await run(tenant_table("coupon_code", COUPON_CODE))
        await run(tenant_table("coupon_use", COUPON_USE, grants="append", key="sale_id, code_id"))
        await run(tenant_table("sale_offer", SALE_OFFER, grants="append", key="sale_id, line_id, offer_id"))
        await run(tenant_table("offer_trial", OFFER_TRIAL, grants="remove"))
        await run(HEAD + INDEXES)
        await run(parents_floor("sale_offer", "sale", "sale_id") + parents_floor("coupon_use", "sale", "sale_id"))

    manager.add_raw(create)
    return manager
