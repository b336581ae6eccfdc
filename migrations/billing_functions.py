"""What billing does to all businesses at once: who owes what, whose period ends, the moves, the invoices."""

from __future__ import annotations

from migrations.ddl import auth_function

# An invoice is unpaid until its payments reach its total. Some businesses are looked up one by one in the indexes, all
# of them are walked through once: one statement for both would always be walked.
_COLUMNS = "(tenant_id uuid, status text, trial_ends_at timestamptz, subscribed boolean, unpaid_since timestamptz)"
DUES = auth_function(
    "auth_billing_dues(wanted uuid[])",
    f"TABLE {_COLUMNS}",
    """SELECT t.id, t.status, t.trial_ends_at, s.tenant_id IS NOT NULL, u.due_at
         FROM unnest(wanted) AS w (id)
         JOIN tenant t ON t.id = w.id
         LEFT JOIN subscription s ON s.tenant_id = t.id
         LEFT JOIN LATERAL (
           SELECT min(i.due_at) AS due_at FROM billing_invoice i
            WHERE i.tenant_id = t.id
              AND i.total_minor > coalesce((SELECT sum(p.amount_minor) FROM billing_payment p
                                             WHERE p.tenant_id = t.id AND p.invoice_id = i.id), 0)) u ON true""",
) + auth_function(
    "auth_billing_dues_of_all()",
    f"TABLE {_COLUMNS}",
    """SELECT t.id, t.status, t.trial_ends_at, s.tenant_id IS NOT NULL, u.due_at
         FROM tenant t
         LEFT JOIN subscription s ON s.tenant_id = t.id
         LEFT JOIN (
           SELECT i.tenant_id, min(i.due_at) AS due_at
             FROM billing_invoice i
             LEFT JOIN (SELECT p.tenant_id, p.invoice_id, sum(p.amount_minor) AS paid FROM billing_payment p
                         GROUP BY p.tenant_id, p.invoice_id) p
               ON p.tenant_id = i.tenant_id AND p.invoice_id = i.id
            WHERE i.total_minor > coalesce(p.paid, 0) GROUP BY i.tenant_id) u ON u.tenant_id = t.id""",
)

# Locked rows are left out: whoever has them decides about them. What follows reads anew, behind the locks.
LOCK = auth_function(
    "auth_billing_lock(wanted uuid[])",
    "TABLE (tenant_id uuid)",
    "SELECT t.id FROM tenant t WHERE t.id = ANY (wanted) ORDER BY t.id FOR NO KEY UPDATE SKIP LOCKED",
)

# One statement for any number of businesses: their status, the ledger of moves, what open pages and tills hear, and a
# job each that writes the letters.
MOVE = auth_function(
    "auth_billing_move(whose uuid[], befores text[], afters text[], owed timestamptz[], steps uuid[], news uuid[],"
    " at timestamptz)",
    "TABLE (tenant_id uuid)",
    """WITH given AS (
         SELECT * FROM unnest(whose, befores, afters, owed, steps) AS u (id, before, after, owed_since, step)),
       moved AS (
         UPDATE tenant t SET status = g.after FROM given g
          WHERE t.id = g.id AND t.status = g.before AND g.after <> 'closed'
         RETURNING t.id, g.before, g.after, g.owed_since, g.step),
       noted AS (
         INSERT INTO billing_step (tenant_id, id, at, before, after, owed_since)
         SELECT m.id, m.step, at, m.before, m.after, m.owed_since FROM moved m),
       told AS (
         INSERT INTO outbox (tenant_id, id, name, body, created_at)
         SELECT m.id, n.id, n.name, n.body, at
           FROM unnest(whose, news[1:cardinality(whose)], news[cardinality(whose) + 1:2 * cardinality(whose)])
                AS u (whose, first, second)
           JOIN moved m ON m.id = u.whose
          CROSS JOIN LATERAL (VALUES
            (u.first, 'tenant.moved', jsonb_build_object('before', m.before, 'after', m.after)),
            (u.second, 'access.changed', jsonb_build_object('person', NULL))) AS n (id, name, body)),
       queued AS (
         INSERT INTO job (tenant_id, id, name, args, created_at, run_after)
         SELECT m.id, m.step, 'billing.follow', jsonb_build_object('step', m.step), at, at FROM moved m)
       SELECT m.id FROM moved m""",
)

RENEWALS = auth_function(
    "auth_billing_renewals(today date, at timestamptz, most integer)",
    "TABLE (tenant_id uuid, tenant_name text, plan text, cycle text, next_plan text, next_cycle text, anchor_day"
    " smallint, period_first date, period_end date, company text, address text, country text, tax_id text, coupon text,"
    " coupon_points integer, coupon_left integer, version integer, trial_ends_at timestamptz)",
    """SELECT s.tenant_id, t.name, s.plan, s.cycle, s.next_plan, s.next_cycle, s.anchor_day, s.period_first,
              s.period_end, s.company, s.address, s.country, s.tax_id, s.coupon, s.coupon_points,
              s.coupon_left, s.version,
              t.trial_ends_at
         FROM subscription s JOIN tenant t ON t.id = s.tenant_id
        WHERE t.status IN ('trial', 'active', 'past_due', 'grace')
          AND (s.period_end <= today OR (s.period_end IS NULL AND coalesce(t.trial_ends_at, at) <= at))
        ORDER BY s.tenant_id LIMIT most""",
)

# The subscription's version guards: who was changed meanwhile gets no invoice here. The counter moves by exactly as
# many as are made, and its row stays locked until they are stored.
ISSUE = auth_function(
    "auth_billing_issue(invoices jsonb, at timestamptz)",
    "TABLE (tenant_id uuid, id uuid, number text)",
    """WITH given AS (
         SELECT u.*, u.place AS place_given
           FROM ROWS FROM (jsonb_to_recordset(invoices) AS (
             tenant_id uuid, id uuid, reason text, due_at timestamptz, period_first date, period_end date, plan text,
             cycle text, currency text, net_minor bigint, tax_micros bigint, tax_kind text, tax_minor bigint,
             total_minor bigint, lines jsonb, seller jsonb, buyer jsonb, version integer, coupon_left integer, anchor_day smallint))
             WITH ORDINALITY AS u (tenant_id, id, reason, due_at, period_first, period_end, plan, cycle, currency,
                                   net_minor, tax_micros, tax_kind, tax_minor, total_minor, lines, seller, buyer,
                                   version, coupon_left, anchor_day, place)),
       taken AS (
         UPDATE subscription s
            SET plan = g.plan, cycle = g.cycle, next_plan = NULL, next_cycle = NULL, period_first = g.period_first,
                period_end = g.period_end, coupon_left = g.coupon_left, anchor_day = g.anchor_day, version = s.version + 1
           FROM given g WHERE s.tenant_id = g.tenant_id AND s.version = g.version
         RETURNING s.tenant_id, g.plan),
       entitled AS (UPDATE tenant t SET plan = k.plan FROM taken k WHERE t.id = k.tenant_id AND t.plan <> k.plan),
       counted AS (SELECT count(*) AS made FROM taken),
       series AS (
         INSERT INTO billing_series (year, last)
         SELECT extract(year FROM at AT TIME ZONE 'UTC'), c.made FROM counted c WHERE c.made > 0
         ON CONFLICT (year) DO UPDATE SET last = billing_series.last + EXCLUDED.last
         RETURNING year, last),
       queued AS (
         INSERT INTO job (tenant_id, id, name, args, created_at, run_after)
         SELECT g.tenant_id, g.id, 'billing.send', jsonb_build_object('invoice', g.id), at, at
           FROM given g JOIN taken k ON k.tenant_id = g.tenant_id),
       reminded AS (
         INSERT INTO job (tenant_id, id, name, args, created_at, run_after)
         SELECT g.tenant_id, gen_random_uuid(), 'billing.remind', jsonb_build_object('invoice', g.id), at,
                g.due_at - interval '3 days'
           FROM given g JOIN taken k ON k.tenant_id = g.tenant_id WHERE g.total_minor > 0)
       INSERT INTO billing_invoice (tenant_id, id, number, reason, issued_at, due_at, period_first, period_end, plan,
              cycle, currency, net_minor, tax_micros, tax_kind, tax_minor, total_minor, lines, seller, buyer)
       SELECT g.tenant_id, g.id,
              s.year || '-' || lpad((s.last - c.made + row_number() OVER (ORDER BY g.place_given))::text, 6, '0'),
              g.reason, at, g.due_at, g.period_first, g.period_end, g.plan, g.cycle, g.currency, g.net_minor,
              g.tax_micros, g.tax_kind, g.tax_minor, g.total_minor, g.lines, g.seller, g.buyer
         FROM given g JOIN taken k ON k.tenant_id = g.tenant_id CROSS JOIN series s CROSS JOIN counted c
       RETURNING billing_invoice.tenant_id, billing_invoice.id, billing_invoice.number""",
)

EVENTS = auth_function(
    "auth_billing_event(wanted text, its_kind text, at timestamptz)",
    "boolean",
    """INSERT INTO billing_event (id, kind, received_at) VALUES (wanted, its_kind, at)
       ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind RETURNING done_at IS NULL""",
) + auth_function(
    "auth_billing_event_done(wanted text, at timestamptz)",
    "text",
    """WITH gone AS (DELETE FROM billing_event e WHERE e.received_at < at - interval '90 days' AND e.id <> wanted)
       UPDATE billing_event SET done_at = at WHERE id = wanted AND done_at IS NULL RETURNING id""",
)

STATUS = """
DROP FUNCTION auth_tenant_status(uuid);
""" + auth_function(
    "auth_tenant_status(whom uuid)",
    "TABLE (status text, trial_ends_at timestamptz, closed_at timestamptz, delete_after timestamptz,"
    " owed_since timestamptz)",
    """SELECT t.status, t.trial_ends_at, t.closed_at, t.delete_after,
              CASE WHEN t.status NOT IN ('trial', 'active') THEN least(
                (SELECT min(i.due_at) FROM billing_invoice i
                  WHERE i.tenant_id = whom
                    AND i.total_minor > coalesce((SELECT sum(p.amount_minor) FROM billing_payment p
                                                   WHERE p.tenant_id = whom AND p.invoice_id = i.id), 0)),
                CASE WHEN NOT EXISTS (SELECT FROM subscription s WHERE s.tenant_id = whom) THEN t.trial_ends_at END)
              END
         FROM tenant t WHERE t.id = whom""",
)

# Businesses that have owed for so long that they are closed, and whose closing wasn't asked for yet: a job each.
CLOSE = auth_function(
    "auth_billing_close(whose uuid[], jobs uuid[], at timestamptz)",
    "TABLE (tenant_id uuid)",
    """INSERT INTO job (tenant_id, id, name, args, created_at, run_after)
       SELECT u.id, u.job, 'billing.close', '{}', at, at FROM unnest(whose, jobs) AS u (id, job)
        WHERE NOT EXISTS (SELECT FROM job j WHERE j.tenant_id = u.id AND j.name = 'billing.close'
                             AND j.failed_at IS NULL AND j.created_at > at - interval '20 hours')
       RETURNING job.tenant_id""",
)

FUNCTIONS = DUES + LOCK + MOVE + RENEWALS + ISSUE + CLOSE + EVENTS + STATUS
