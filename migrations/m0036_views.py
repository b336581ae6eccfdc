"""Finding among a hundred thousand products, views that people keep, and changes of many products that can be undone."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run, tenant_table
from migrations.m0016_privacy import erasure_rights

ID = "m0036_views"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# As retail/kit/folding.py does it. array_to_string() is only stable, for arrays of anything; of texts it never changes.
SEARCH_FORM = r"""
CREATE FUNCTION search_form(name text, sku text, tags text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
BEGIN
  RETURN replace(lower(regexp_replace(
    normalize(name || ' ' || sku || CASE tags WHEN '{}' THEN '' ELSE ' ' || array_to_string(tags, ' ') END, NFKD),
    U&'[\0300-\036F]', '', 'g')), U&'\00DF', 'ss');
END $body$;
"""

# The wall between tenants lets no index answer "contains these letters", so the products of one tenant are walked; the
# index holds all that the walk looks at, and the walk comes by in the list's order and stops when a page is full.
SEARCH = """
ALTER TABLE product DROP COLUMN search_text;
ALTER TABLE product ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (search_form(name, sku, tags)) STORED;
CREATE INDEX product_search ON product (tenant_id, sort_name, id) INCLUDE (search_text) WHERE archived_at IS NULL;
"""

# Every word that a product's name ever had, also turned round: who types one letter wrong has either the first half of
# a word right or the second.
SEARCH_WORD = """
  word   text COLLATE "C" NOT NULL CHECK (length(word) BETWEEN 4 AND 40),
  turned text COLLATE "C" NOT NULL GENERATED ALWAYS AS (reverse(word)) STORED,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

WORDS = """
CREATE INDEX search_word_turned ON search_word (tenant_id, turned);
ALTER TABLE product NO FORCE ROW LEVEL SECURITY;
ALTER TABLE search_word NO FORCE ROW LEVEL SECURITY;
INSERT INTO search_word (tenant_id, word)
SELECT DISTINCT p.tenant_id, w FROM product p, string_to_table(search_form(p.name, '', '{}'), ' ') AS w
 WHERE w ~ '^[[:alpha:]]{4,40}$';
ALTER TABLE search_word FORCE ROW LEVEL SECURITY;
ALTER TABLE product FORCE ROW LEVEL SECURITY;
"""

SAVED_VIEW = """
  id         uuid NOT NULL,
  list       text NOT NULL CHECK (list ~ '^[a-z_]{1,20}$'),
  person_id  uuid NOT NULL,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  query      text NOT NULL CHECK (length(query) <= 2000),
  shared     boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (tenant_id, list, person_id, name),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# `value` is what the act sets, in the names of the columns; `taken` how far it is. A change that undoes another one
# names it.
BULK_CHANGE = """
  id          uuid NOT NULL,
  act         text NOT NULL CHECK (act IN ('archive', 'restore', 'category', 'tax_class', 'tags_add', 'tags_remove',
                                           'schedule', 'reorder_point')),
  value       jsonb NOT NULL CHECK (jsonb_typeof(value) = 'object'),
  state       text NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'refused')),
  wanted      integer NOT NULL CHECK (wanted >= 0),
  taken       integer NOT NULL CHECK (taken BETWEEN 0 AND wanted),
  undoes      uuid CHECK (undoes <> id),
  actor_id    uuid,
  actor_name  text NOT NULL,
  created_at  timestamptz NOT NULL,
  finished_at timestamptz,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  FOREIGN KEY (tenant_id, undoes) REFERENCES bulk_change (tenant_id, id)
"""

# `seen` is the version that the person saw. `before` holds the changed columns as they were, `version` what the change
# made of the product's: so an undoing finds what nobody has touched since.
BULK_CHANGE_ROW = """
  change_id  uuid NOT NULL,
  product_id uuid NOT NULL,
  seen       bigint NOT NULL,
  outcome    text CHECK (outcome IN ('changed', 'same', 'passed')),
  before     jsonb,
  version    bigint,
  CHECK ((outcome IS NOT DISTINCT FROM 'changed') = (before IS NOT NULL AND version IS NOT NULL)),
  FOREIGN KEY (tenant_id, change_id) REFERENCES bulk_change (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
"""

INDEXES = """
CREATE INDEX bulk_change_newest ON bulk_change (tenant_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX bulk_change_undoes ON bulk_change (tenant_id, undoes);
CREATE INDEX bulk_change_row_product ON bulk_change_row (tenant_id, product_id);
CREATE INDEX bulk_change_row_left ON bulk_change_row (tenant_id, change_id, product_id) WHERE outcome IS NULL;
"""

NAMES: dict[str, tuple[str, ...]] = {"bulk_change": ("actor_name",), "saved_view": ("name", "query")}


async def forwards() -> MigrationManager:
    """Make the tables, fold what is searched, and gather the words of the products there are."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(SEARCH_FORM + SEARCH)
        await run(tenant_table("search_word", SEARCH_WORD, grants="remove", key="word"))
        await run(WORDS)
        await run(tenant_table("saved_view", SAVED_VIEW, grants="remove"))
        await run(tenant_table("bulk_change", BULK_CHANGE, grants="remove"))
        await run(tenant_table("bulk_change_row", BULK_CHANGE_ROW, grants="remove", key="change_id, product_id"))
        await run(INDEXES)
        for table, columns in NAMES.items():
            await run(erasure_rights(table, columns))

    manager.add_raw(create)
    return manager
