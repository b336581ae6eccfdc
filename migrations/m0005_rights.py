"""Rights: roles that a business may change, grants for a store or a time, and the floor between a business's stores."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run

ID = "m0005_rights"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# Deleted roles stay, for the history that names them; their name becomes free.
ROLE = """
  key        text NOT NULL CHECK (key ~ '^[a-z][a-z0-9-]{0,39}$'),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  template   boolean NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  created_at timestamptz NOT NULL,
  deleted_at timestamptz,
  CHECK (NOT template OR deleted_at IS NULL),
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# What isn't there is denied. What always needs an approval has no limit; over a limit an approval is needed.
ROLE_RIGHT = """
  role_key     text NOT NULL,
  permission   text NOT NULL CHECK (permission ~ '^[a-z_]{1,40}$'),
  state        text NOT NULL CHECK (state IN ('allowed', 'approval')),
  limit_amount bigint CHECK (limit_amount >= 0),
  CHECK (state = 'allowed' OR limit_amount IS NULL),
  FOREIGN KEY (tenant_id, role_key) REFERENCES role (tenant_id, key)
"""

# Nobody is an owner for a while or for one store: an owner could make others for good meanwhile.
ROLE_GRANT = """
  id              uuid NOT NULL,
  member_id       uuid NOT NULL,
  role_key        text NOT NULL CHECK (role_key <> 'owner'),
  store_id        uuid,
  starts_at       timestamptz NOT NULL,
  ends_at         timestamptz,
  reason          text NOT NULL CHECK (length(reason) <= 200),
  given_by        uuid,
  given_by_name   text NOT NULL,
  created_at      timestamptz NOT NULL,
  revoked_at      timestamptz,
  revoked_by_name text,
  CHECK (ends_at > starts_at),
  CHECK ((revoked_at IS NULL) = (revoked_by_name IS NULL)),
  FOREIGN KEY (tenant_id, member_id) REFERENCES membership (tenant_id, id),
  FOREIGN KEY (tenant_id, role_key) REFERENCES role (tenant_id, key),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""

INDEXES = """
CREATE UNIQUE INDEX role_name ON role (tenant_id, lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX role_grant_member ON role_grant (tenant_id, member_id, starts_at);
CREATE INDEX role_grant_role ON role_grant (tenant_id, role_key);
CREATE INDEX role_grant_store ON role_grant (tenant_id, store_id);
CREATE INDEX membership_role ON membership (tenant_id, role);
CREATE INDEX api_token_role ON api_token (tenant_id, role);
"""

# What the roles of a business that exists already may do: the same as those of one that is opened now.
_VIEWS = (
    "view_dashboard", "view_sales", "view_shifts", "view_books", "view_costs", "view_catalogue", "view_stock",
    "view_stores", "view_people", "view_audit",
)  # fmt: skip
_MANAGER = (
    *_VIEWS, "sell", "hold_sale", "discount", "override_price", "void_line", "void_sale", "refund", "open_drawer",
    "run_shift", "approve", "settle_exceptions", "export", "edit_catalogue", "import", "move_stock", "edit_stores",
    "edit_people", "manage_devices", "manage_settings", "run_checks",
)  # fmt: skip
_OWNER = (*_MANAGER, "manage_roles", "manage_tokens", "manage_security", "erase_people")
_CLERK = (
    "sell", "hold_sale", "void_line", "open_drawer", "run_shift", "view_sales", "view_catalogue", "view_stock",
    "view_stores",
)  # fmt: skip


def _values() -> str:
    rows = [
        f"('{role}', '{permission}', 'allowed', NULL::bigint)"
        for role, permissions in (
            ("owner", _OWNER),
            ("manager", _MANAGER),
            ("clerk", _CLERK),
            ("viewer", [*_VIEWS, "export"]),
        )
        for permission in permissions
    ]
    rows += [
        "('clerk', 'discount', 'allowed', 1000)",
        "('clerk', 'refund', 'allowed', 5000)",
        "('clerk', 'override_price', 'approval', NULL)",
        "('clerk', 'void_sale', 'approval', NULL)",
    ]
    return ", ".join(rows)


# The walls are let down for the time of the transaction: no role may write for all tenants otherwise.
SEED = f"""
ALTER TABLE tenant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role NO FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO role (tenant_id, key, name, template, version, created_at)
SELECT t.id, r.key, r.name, true, 1, t.created_at
  FROM tenant t CROSS JOIN (VALUES ('owner', 'Owner'), ('manager', 'Manager'), ('clerk', 'Sales clerk'),
                                   ('viewer', 'Viewer')) AS r (key, name)
    ON CONFLICT DO NOTHING;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT t.id, r.role, r.permission, r.state,
       CASE WHEN r.permission = 'refund' AND t.currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND')
            THEN r.most * 10 ELSE r.most END
  FROM tenant t CROSS JOIN (VALUES {_values()}) AS r (role, permission, state, most)
    ON CONFLICT DO NOTHING;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
ALTER TABLE role FORCE ROW LEVEL SECURITY;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""

# `everywhere`: the member's own role holds in all stores; else only what they are granted for stores counts.
MEMBERS = """
ALTER TABLE membership DROP CONSTRAINT membership_role_check;
ALTER TABLE membership ADD COLUMN everywhere boolean NOT NULL DEFAULT true;
ALTER TABLE membership ADD CHECK (everywhere OR role <> 'owner');
ALTER TABLE membership ADD FOREIGN KEY (tenant_id, role) REFERENCES role (tenant_id, key);
ALTER TABLE api_token DROP CONSTRAINT api_token_role_check;
ALTER TABLE api_token ADD FOREIGN KEY (tenant_id, role) REFERENCES role (tenant_id, key);
"""

# [[store or null, role], ...] and [[store or null, permission, state, limit], ...], of now; merged by the application.
AUTH = auth_function(
    "auth_rights(of_tenant uuid, whom uuid, its_role text, at timestamptz)",
    "jsonb",
    """WITH held (store_id, role_key) AS (
         SELECT NULL::uuid, m.role FROM membership m
          WHERE m.tenant_id = of_tenant AND m.person_id = whom AND m.ended_at IS NULL AND m.everywhere
         UNION ALL
         SELECT g.store_id, g.role_key
           FROM membership m JOIN role_grant g ON g.tenant_id = m.tenant_id AND g.member_id = m.id
          WHERE m.tenant_id = of_tenant AND m.person_id = whom AND m.ended_at IS NULL
            AND g.revoked_at IS NULL AND g.starts_at <= at AND (g.ends_at IS NULL OR g.ends_at > at)
         UNION ALL
         SELECT NULL, its_role WHERE whom IS NULL)
       SELECT jsonb_build_object(
         'held', coalesce((SELECT jsonb_agg(jsonb_build_array(h.store_id, h.role_key)) FROM held h), '[]'),
         'rights', coalesce((
            SELECT jsonb_agg(jsonb_build_array(h.store_id, r.permission, r.state, r.limit_amount))
              FROM held h JOIN role_right r ON r.tenant_id = of_tenant AND r.role_key = h.role_key), '[]'))""",
) + auth_function(
    "auth_memberships(whom uuid)",
    "TABLE (tenant_id uuid, slug text, tenant_name text, role text, dashboard boolean)",
    """SELECT m.tenant_id, t.slug, t.name, m.role,
              EXISTS (SELECT FROM role_right r WHERE r.tenant_id = m.tenant_id AND r.role_key = m.role
                         AND r.permission = 'view_dashboard' AND r.state = 'allowed')
         FROM membership m JOIN tenant t ON t.id = m.tenant_id JOIN person p ON p.id = m.person_id
        WHERE m.person_id = whom AND m.ended_at IS NULL AND p.disabled_at IS NULL ORDER BY t.name""",
)

FUNCTIONS = """
CREATE FUNCTION current_stores() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('app.stores', true), '')::uuid[] $$;
DROP FUNCTION auth_memberships(uuid);
"""

OF_A_STORE = (
    "till", "shift", "sale", "sync_exception", "journal_entry", "stock_move", "stock_delta", "stock_balance",
    "sales_hour", "product_day", "product_pace", "notice",
)  # fmt: skip
OF_A_PARENT = {
    "till_claim": ("till", "till_id"),
    "till_journal": ("till", "till_id"),
    "cash_move": ("shift", "shift_id"),
    "drawer_event": ("shift", "shift_id"),
    "z_report": ("shift", "shift_id"),
    "sale_line": ("sale", "sale_id"),
    "sale_tax": ("sale", "sale_id"),
    "tender": ("sale", "sale_id"),
    "journal_line": ("journal_entry", "entry_id"),
}


def store_floor(table: str, column: str = "store_id", *, roles: str = "PUBLIC") -> str:
    """Give the SQL of the floor between stores: a transaction that names its stores reads no row of another one.

    Rows without a store belong to the whole business, and stay unseen too.
    """
    own = f"(SELECT current_stores()) IS NULL OR {column} = ANY ((SELECT current_stores())::uuid[])"
    return f"CREATE POLICY store_floor ON {table} AS RESTRICTIVE FOR SELECT TO {roles} USING ({own});"


def parents_floor(table: str, parent: str, column: str) -> str:
    """Give the SQL of the same floor for rows that belong to a row with a store: they are seen where it is seen."""
    return f"""
    CREATE POLICY store_floor ON {table} AS RESTRICTIVE FOR SELECT TO PUBLIC USING (
      (SELECT current_stores()) IS NULL OR EXISTS (
        SELECT FROM {parent} p WHERE p.tenant_id = {table}.tenant_id AND p.id = {table}.{column}));
    """


async def forwards() -> MigrationManager:
    """Make roles and grants, give every business its own roles, and put the floor between the stores."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(directory_table("role", ROLE, key="key"))
        await run(directory_table("role_right", ROLE_RIGHT, grants="remove", key="role_key, permission"))
        await run(directory_table("role_grant", ROLE_GRANT))
        await run(SEED + MEMBERS + INDEXES)
        await run(FUNCTIONS + AUTH)
        await run(store_floor("store", "id") + store_floor("role_grant", roles="countertop_app, countertop_report"))
        await run("".join(store_floor(table) for table in OF_A_STORE))
        await run("".join(parents_floor(table, *parent) for table, parent in OF_A_PARENT.items()))

    manager.add_raw(create)
    return manager
