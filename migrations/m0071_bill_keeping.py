"""Coupons of subscriptions, and invoices that outlast the business they were for."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, run

ID = "m0071_bill_keeping"
VERSION = "1.42.0"
DESCRIPTION = __doc__

# A seller keeps invoices for ten years, a deleted business's too: what is deleted with it is copied here first, by the
# database itself, so that the series stays whole.
KEPT = """
CREATE TABLE kept_invoice (
  number      text PRIMARY KEY,
  business_id uuid NOT NULL,
  issued_at   timestamptz NOT NULL,
  invoice     jsonb NOT NULL,
  payments    jsonb NOT NULL,
  kept_at     timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON kept_invoice TO countertop_auth;
CREATE FUNCTION keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO kept_invoice (number, business_id, issued_at, invoice, payments, kept_at)
  VALUES (OLD.number, OLD.tenant_id, OLD.issued_at, to_jsonb(OLD), '[]', clock_timestamp())
  ON CONFLICT (number) DO UPDATE SET issued_at = EXCLUDED.issued_at, invoice = EXCLUDED.invoice;
  RETURN OLD;
END $body$;
CREATE TRIGGER keep_invoice BEFORE DELETE ON billing_invoice FOR EACH ROW EXECUTE FUNCTION keep_invoice();
CREATE FUNCTION keep_payment() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO kept_invoice (number, business_id, issued_at, invoice, payments, kept_at)
  SELECT i.number, i.tenant_id, i.issued_at, to_jsonb(i), jsonb_build_array(to_jsonb(OLD) - 'noted_name'), clock_timestamp()
    FROM billing_invoice i WHERE i.tenant_id = OLD.tenant_id AND i.id = OLD.invoice_id
  ON CONFLICT (number) DO UPDATE SET payments = kept_invoice.payments || EXCLUDED.payments;
  RETURN OLD;
END $body$;
CREATE TRIGGER keep_payment BEFORE DELETE ON billing_payment FOR EACH ROW EXECUTE FUNCTION keep_payment();
"""

# In basis points of the net price, for so many invoices. The code is what an owner types, in capitals.
COUPON = """
CREATE TABLE billing_coupon (
  code       text PRIMARY KEY CHECK (code ~ '^[A-Z0-9-]{4,30}$'),
  points     integer NOT NULL CHECK (points BETWEEN 1 AND 10000),
  periods    integer NOT NULL CHECK (periods BETWEEN 1 AND 120),
  most       integer CHECK (most > 0),
  used       integer NOT NULL CHECK (used >= 0),
  until      date,
  made_at    timestamptz NOT NULL,
  ended_at   timestamptz,
  CHECK (used <= most)
);
GRANT SELECT, INSERT, UPDATE ON billing_coupon TO countertop_auth;
"""

_LISTED = """code text, points integer, periods integer, most integer, used integer, until date, made_at timestamptz,
  ended_at timestamptz"""
_COLUMNS = "c.code, c.points, c.periods, c.most, c.used, c.until, c.made_at, c.ended_at"
FUNCTIONS = "".join(
    [
        auth_function(
            "auth_billing_coupons(behind text, up_to integer)",
            f"TABLE ({_LISTED})",
            f"SELECT {_COLUMNS} FROM billing_coupon c WHERE behind IS NULL OR c.code > behind ORDER BY c.code LIMIT up_to",
        ),
        auth_function(
            "auth_make_coupon(its_code text, its_points integer, its_periods integer, its_most integer, its_until date,"
            " at timestamptz)",
            "text",
            """INSERT INTO billing_coupon (code, points, periods, most, used, until, made_at)
               VALUES (its_code, its_points, its_periods, its_most, 0, its_until, at)
               ON CONFLICT (code) DO NOTHING RETURNING code""",
        ),
        auth_function(
            "auth_end_coupon(wanted text, at timestamptz)",
            "text",
            "UPDATE billing_coupon c SET ended_at = at WHERE c.code = wanted AND c.ended_at IS NULL RETURNING c.code",
        ),
        auth_function(
            "auth_take_coupon(wanted text, today date)",
            "TABLE (points integer, periods integer)",
            """UPDATE billing_coupon c SET used = c.used + 1
                WHERE c.code = wanted AND c.ended_at IS NULL AND (c.until IS NULL OR c.until >= today)
                  AND (c.most IS NULL OR c.used < c.most)
            RETURNING c.points, c.periods""",
        ),
    ]
)


async def forwards() -> MigrationManager:
    """Make the tables, and what keeps and counts."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(KEPT + COUPON + FUNCTIONS)

    manager.add_raw(create)
    return manager
