"""Helpers of the migrations: every table is made with its tenant walls and its grants, so none can be forgotten."""

from __future__ import annotations

from typing import Literal

from retail.runtime.db import ENGINE

Grants = Literal["append", "edit", "remove"]

GRANTS: dict[Grants, str] = {
    "append": "SELECT, INSERT",
    "edit": "SELECT, INSERT, UPDATE",
    "remove": "SELECT, INSERT, UPDATE, DELETE",
}


async def run(script: str) -> None:
    """Run a script of statements on the migration's own transaction."""
    bound = ENGINE.current_transaction.get()
    if bound is None:
        raise RuntimeError("A migration runs inside Piccolo's migration transaction.")
    await bound.connection.execute(script)


def tenant_table(name: str, columns: str, *, grants: Grants = "edit", key: str = "id", parted_by: str = "") -> str:
    """Give the SQL of a table whose rows belong to one tenant.

    The primary key is (tenant_id, key); a restrictive floor that no later policy can widen holds for every role,
    the owner's too; the application gets just the verbs of `grants`: "append" for ledgers, which are never edited.
    `parted_by` is the column whose ranges have partitions of their own: migrations/months.py makes them.
    """
    return _table(name, columns, grants, key, parted_by) + _floor(name, "PUBLIC")


def directory_table(name: str, columns: str, *, grants: Grants = "edit", key: str = "id") -> str:
    """Give the SQL of a tenant table that must also be found before the tenant is known.

    As tenant_table(), but the floor binds the application's roles only: the auth functions, owned by
    countertop_auth, may read across tenants and hand out the least that is needed.
    """
    return (
        _table(name, columns, grants, key)
        + _floor(name, "countertop_app, countertop_report")
        + f"""
        CREATE POLICY directory ON {name} TO countertop_auth USING (true) WITH CHECK (true);
        GRANT SELECT, UPDATE ON {name} TO countertop_auth;
        """
    )


def _table(name: str, columns: str, grants: Grants, key: str, parted_by: str = "") -> str:
    parted = f" PARTITION BY RANGE ({parted_by})" if parted_by else ""
    return f"""
    CREATE TABLE {name} (
      tenant_id uuid NOT NULL,
      {columns.strip().rstrip(",")},
      PRIMARY KEY ({"tenant_id" if key == "tenant_id" else f"tenant_id, {key}"})
    ){parted};
    ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
    GRANT {GRANTS[grants]} ON {name} TO countertop_app;
    CREATE POLICY app_access ON {name} TO countertop_app USING (true) WITH CHECK (true);
    GRANT SELECT ON {name} TO countertop_report;
    CREATE POLICY report_access ON {name} FOR SELECT TO countertop_report USING (true);
    GRANT SELECT, DELETE ON {name} TO countertop_auth;  -- for auth_erase_tenant() of m0015 alone
    CREATE POLICY departure ON {name} TO countertop_auth USING (tenant_id = (SELECT current_tenant()));
    """ + _expect_few_tenants(name)


# Without statistics, which an empty table never gets, the planner takes "of this tenant" to be about as rare as "with
# this id", and a foreign key's check may walk all of a tenant's rows: a shop's first import took minutes, not seconds.
def _expect_few_tenants(name: str) -> str:
    return f"""
    DO $$ BEGIN
      IF current_setting('server_version_num')::integer >= 180000 THEN
        PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', '{name}', 'attname', 'tenant_id',
          'inherited', false, 'null_frac', 0::real, 'avg_width', 16, 'n_distinct', 10::real);
      END IF;
    END $$;
    """


def _floor(name: str, roles: str) -> str:
    own = "tenant_id = (SELECT current_tenant())"
    return f"CREATE POLICY tenant_floor ON {name} AS RESTRICTIVE TO {roles} USING ({own}) WITH CHECK ({own});"


def auth_function(signature: str, returns: str, body: str) -> str:
    """Give the SQL of a function that runs as countertop_auth, before a tenant is known.

    `signature` is name(arguments with types); the body is one SQL statement that returns the least that is needed.
    """
    bare = signature.split("(", maxsplit=1)[0]
    return f"""
    CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql SECURITY DEFINER
      SET search_path = pg_catalog, public AS $body$ {body} $body$;
    REVOKE ALL ON FUNCTION {bare} FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION {bare} TO countertop_app;
    ALTER FUNCTION {bare} OWNER TO countertop_auth;  -- last: who no longer owns it can't revoke, and is only warned
    """
