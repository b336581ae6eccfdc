"""Tables of history that lie in months: each partition has the walls of its table, and nobody reaches it past that."""

from __future__ import annotations

from migrations.ddl import tenant_table
from migrations.m0005_rights import store_floor

BEGIN = "2025-01-01"
"""What is older lies together in one partition."""


def by_month(name: str, columns: str, *, key: str) -> str:
    """Give the SQL of a tenant table that is parted by the months of `business_date`, which `key` must begin with.

    Rows from before 2025 lie in `<name>_earlier`, those of months that nobody has made yet in `<name>_later`;
    keep_months() makes the months in between, at each `countertop migrate`.
    """
    return (
        tenant_table(name, columns, grants="remove", key=key, parted_by="business_date")
        + store_floor(name)
        + f"""
        CREATE TABLE {name}_earlier PARTITION OF {name} FOR VALUES FROM (MINVALUE) TO ('{BEGIN}');
        CREATE TABLE {name}_later PARTITION OF {name} DEFAULT;
        """
        + "".join(_walls(f"{name}_{part}") for part in ("earlier", "later"))
    )


def _walls(partition: str) -> str:
    return f"""
    ALTER TABLE {partition} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {partition} FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant_floor ON {partition} AS RESTRICTIVE TO PUBLIC
      USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));
    {store_floor(partition)}
    """


def month_keeping() -> str:
    """Give the SQL of keep_months(until): it makes the months of every parted table that are missing up to a day.

    It runs as who calls it, which must own the tables: `countertop migrate` does. Rows of a new month that lie in
    `<name>_later` already (a till's clock was ahead) move into it; while they move nobody sees either.
    """
    return f"""
    CREATE FUNCTION keep_months(until date) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
    DECLARE
      parent text;
      month date;
      part text;
      made integer := 0;
    BEGIN
      FOR parent IN SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
                     WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1
      LOOP
        FOR month IN SELECT generate_series(DATE '{BEGIN}', until, INTERVAL '1 month')::date LOOP
          part := parent || to_char(month, '_YYYY_MM');
          CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
          EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING ALL)', part, parent);
          EXECUTE format('ALTER TABLE public.%I NO FORCE ROW LEVEL SECURITY', parent || '_later');
          EXECUTE format('WITH late AS (DELETE FROM public.%I WHERE business_date >= $1 AND business_date < $2
                                        RETURNING *) INSERT INTO public.%I SELECT * FROM late', parent || '_later', part)
            USING month, (month + INTERVAL '1 month')::date;
          EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', parent || '_later');
          EXECUTE replace($walls${_walls("<part>")}$walls$, '<part>', quote_ident(part));
          EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                         parent, part, month, (month + INTERVAL '1 month')::date);
          made := made + 1;
        END LOOP;
      END LOOP;
      RETURN made;
    END $$;
    REVOKE ALL ON FUNCTION keep_months FROM PUBLIC;
    """
