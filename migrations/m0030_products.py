"""Products in full: families of variants, kits and packs, modifiers, pictures, a tree of categories, plans' limits."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table

ID = "m0030_products"
VERSION = "1.38.0"
DESCRIPTION = __doc__

FAMILY = """
  id         uuid NOT NULL,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  options    text[] NOT NULL CHECK (cardinality(options) BETWEEN 1 AND 3),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, name),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# `on_sale` is what the schedule came to when it was last looked at: its change is a change of the product, with a
# version of its own, so that tills hear of it.
PRODUCT = """
ALTER TABLE product
  ADD COLUMN kind text NOT NULL DEFAULT 'goods' CHECK (kind IN ('goods', 'service', 'kit')),
  ADD COLUMN family_id uuid,
  ADD COLUMN options jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),
  ADD COLUMN open_price boolean NOT NULL DEFAULT false,
  ADD COLUMN min_age smallint CHECK (min_age BETWEEN 1 AND 99),
  ADD COLUMN deposit_id uuid CHECK (deposit_id <> id),
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 30),
  ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
  ADD COLUMN notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
  ADD COLUMN available_from timestamptz,
  ADD COLUMN available_until timestamptz,
  ADD COLUMN on_sale boolean NOT NULL DEFAULT true,
  ADD COLUMN tracking text NOT NULL DEFAULT 'none' CHECK (tracking IN ('none', 'lot', 'serial')),
  ADD COLUMN content_milli bigint CHECK (content_milli BETWEEN 1 AND 1000000000),
  ADD COLUMN content_unit text CHECK (content_unit IN ('g', 'kg', 'ml', 'cl', 'l', 'cm', 'm', 'm2', 'each')),
  ADD CHECK (available_from < available_until),
  ADD CHECK (num_nulls(content_milli, content_unit) IN (0, 2)),
  ADD CHECK (family_id IS NOT NULL OR options = '{}'),
  ADD CHECK (tracking = 'none' OR kind = 'goods'),
  ADD FOREIGN KEY (tenant_id, family_id) REFERENCES family (tenant_id, id),
  ADD FOREIGN KEY (tenant_id, deposit_id) REFERENCES product (tenant_id, id);
CREATE UNIQUE INDEX product_variant ON product (tenant_id, family_id, options) WHERE family_id IS NOT NULL;
CREATE INDEX product_family ON product (tenant_id, family_id);
CREATE INDEX product_deposit ON product (tenant_id, deposit_id);
CREATE INDEX product_scheduled ON product (tenant_id, id) WHERE num_nonnulls(available_from, available_until) > 0;
CREATE INDEX product_tags ON product USING gin (tags);
"""

COMPONENT = """
  kit_id   uuid NOT NULL,
  part_id  uuid NOT NULL CHECK (part_id <> kit_id),
  quantity numeric(14, 3) NOT NULL CHECK (quantity > 0 AND quantity <= 100000),
  position integer NOT NULL,
  FOREIGN KEY (tenant_id, kit_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, part_id) REFERENCES product (tenant_id, id)
"""

# What a sold line took from the shelf where that isn't the line's own product: a kit's parts as they were then, or
# nothing (a service), as one row without a product. Quantities are signed as the line's are.
SALE_PART = """
  sale_id    uuid NOT NULL,
  line_id    uuid NOT NULL,
  position   smallint NOT NULL,
  product_id uuid,
  quantity   numeric(14, 3) NOT NULL,
  unit_cost  numeric(18, 6) NOT NULL CHECK (unit_cost >= 0),
  cost_minor bigint NOT NULL,
  CHECK (product_id IS NOT NULL OR quantity = 0),
  FOREIGN KEY (tenant_id, sale_id, line_id) REFERENCES sale_line (tenant_id, sale_id, id),
  FOREIGN KEY (tenant_id, sale_id) REFERENCES sale (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

MODIFIER_GROUP = """
  id         uuid NOT NULL,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  least      smallint NOT NULL CHECK (least BETWEEN 0 AND 20),
  most       smallint NOT NULL CHECK (most BETWEEN 1 AND 20),
  version    bigint NOT NULL CHECK (version > 0),
  CHECK (least <= most),
  UNIQUE (tenant_id, name),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

MODIFIER = """
  id          uuid NOT NULL,
  group_id    uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  price_minor bigint NOT NULL CHECK (price_minor BETWEEN -100000000 AND 100000000),
  position    integer NOT NULL,
  UNIQUE (tenant_id, group_id, name),
  FOREIGN KEY (tenant_id, group_id) REFERENCES modifier_group (tenant_id, id)
"""

PRODUCT_MODIFIER_GROUP = """
  product_id uuid NOT NULL,
  group_id   uuid NOT NULL,
  position   integer NOT NULL,
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  FOREIGN KEY (tenant_id, group_id) REFERENCES modifier_group (tenant_id, id)
"""

# `name` is that of the files, of which there is one per size.
PRODUCT_IMAGE = """
  id         uuid NOT NULL,
  product_id uuid NOT NULL,
  position   integer NOT NULL,
  name       text NOT NULL CHECK (name ~ '^[0-9a-f]{32}$'),
  sha256     bytea NOT NULL CHECK (length(sha256) = 32),
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, product_id, sha256),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

CATEGORY = """
ALTER TABLE category
  ADD COLUMN parent_id uuid CHECK (parent_id <> id),
  ADD FOREIGN KEY (tenant_id, parent_id) REFERENCES category (tenant_id, id);
CREATE INDEX category_parent ON category (tenant_id, parent_id);
"""

INDEXES = """
CREATE INDEX component_part ON component (tenant_id, part_id);
CREATE INDEX sale_part_product ON sale_part (tenant_id, product_id);
CREATE INDEX product_modifier_group_group ON product_modifier_group (tenant_id, group_id);
CREATE INDEX product_image_product ON product_image (tenant_id, product_id, position);
CREATE POLICY store_floor ON sale_part AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
  (SELECT current_stores()) IS NULL OR EXISTS (
    SELECT FROM sale p WHERE p.tenant_id = sale_part.tenant_id AND p.id = sale_part.sale_id));
"""

# Both run with the caller's rights, behind the tenant's wall. Kits hold kits at most three deep and never themselves
# (retail/catalog/products/kits.py); the bound only makes sure that a broken row can't make a query endless.
KITS = """
CREATE FUNCTION kit_parts(kits uuid[]) RETURNS TABLE (kit_id uuid, part_id uuid, quantity numeric)
LANGUAGE sql STABLE AS $body$
  WITH RECURSIVE inside AS (
    SELECT c.kit_id AS top, c.part_id, c.quantity::numeric AS quantity, 1 AS depth
      FROM component c WHERE c.tenant_id = (SELECT current_tenant()) AND c.kit_id = ANY (kits)
     UNION ALL
    SELECT i.top, c.part_id, i.quantity * c.quantity, i.depth + 1
      FROM inside i JOIN component c ON c.tenant_id = (SELECT current_tenant()) AND c.kit_id = i.part_id
     WHERE i.depth < 4)
  SELECT i.top, i.part_id, sum(i.quantity)
    FROM inside i JOIN product p ON p.tenant_id = (SELECT current_tenant()) AND p.id = i.part_id AND p.kind <> 'kit'
   GROUP BY i.top, i.part_id
$body$;
CREATE FUNCTION kit_on_hand(store uuid, kit uuid) RETURNS numeric
LANGUAGE sql STABLE AS $body$
  SELECT greatest(min(floor((coalesce(b.on_hand, 0) + coalesce(d.quantity, 0)) / k.quantity)), 0)
    FROM kit_parts(ARRAY[kit]) k
    JOIN product p ON p.tenant_id = (SELECT current_tenant()) AND p.id = k.part_id AND p.kind = 'goods'
    LEFT JOIN stock_balance b
           ON b.tenant_id = (SELECT current_tenant()) AND b.store_id = store AND b.product_id = k.part_id
    LEFT JOIN LATERAL (SELECT sum(w.quantity) AS quantity FROM stock_delta w
                        WHERE w.tenant_id = (SELECT current_tenant()) AND w.store_id = store
                          AND w.product_id = k.part_id) d ON true
$body$;
"""

# What a plan has room for; NULL is no limit. A trial tries everything out.
PLAN = """
CREATE TABLE plan (
  key                text PRIMARY KEY CHECK (key ~ '^[a-z_]{1,20}$'),
  name               text NOT NULL,
  position           integer NOT NULL,
  products_per_store integer CHECK (products_per_store > 0)
);
GRANT SELECT ON plan TO countertop_app, countertop_report;
INSERT INTO plan (key, name, position, products_per_store) VALUES
  ('starter', 'Starter', 1, 250), ('shop', 'Shop', 2, 5000), ('chain', 'Chain', 3, NULL);
ALTER TABLE tenant ADD COLUMN plan text NOT NULL DEFAULT 'chain' REFERENCES plan (key);
"""


async def forwards() -> MigrationManager:
    """Make the tables; every product there is stays as it was: goods without a family."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(tenant_table("family", FAMILY, grants="remove"))
        await run(PRODUCT)
        await run(tenant_table("component", COMPONENT, grants="remove", key="kit_id, part_id"))
        await run(tenant_table("sale_part", SALE_PART, grants="append", key="sale_id, line_id, position"))
        await run(tenant_table("modifier_group", MODIFIER_GROUP, grants="remove"))
        await run(tenant_table("modifier", MODIFIER, grants="remove"))
        await run(
            tenant_table("product_modifier_group", PRODUCT_MODIFIER_GROUP, grants="remove", key="product_id, group_id")
        )
        await run(tenant_table("product_image", PRODUCT_IMAGE, grants="remove"))
        await run(CATEGORY + INDEXES + KITS + PLAN)

    manager.add_raw(create)
    return manager
