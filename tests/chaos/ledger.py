"""What the server has at the end, read past its own code by the database's superuser: rows, and nothing worked out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

Row = Mapping[str, Any]

_QUERIES = {
    "sales": """SELECT id::text, till_id::text AS till, shift_id::text AS shift, number, kind, total_minor AS total,
                       subtotal_minor AS subtotal, tax_minor AS tax, claimed_total_minor AS claimed, number_clash,
                       cashier_id::text AS cashier, occurred_at, received_at, after_close
                  FROM sale WHERE tenant_id = $1 ORDER BY till_id, number, id""",
    "lines": """SELECT sale_id::text AS sale, id::text, product_id::text AS product, quantity::text,
                       unit_price_minor AS price, total_minor AS total, rate_micros, position
                  FROM sale_line WHERE tenant_id = $1 ORDER BY sale_id, position""",
    "tenders": """SELECT sale_id::text AS sale, type, amount_minor AS amount, change_minor AS change
                    FROM tender WHERE tenant_id = $1 ORDER BY sale_id, position""",
    "records": """SELECT till_id::text AS till, device_id::text AS device, seq, kind, record_id::text AS id, at,
                         payload, prev_hash, hash, signature, intact, status, answer::text, received_at
                    FROM till_journal WHERE tenant_id = $1 ORDER BY till_id, device_id, seq, hash""",
    "postings": """SELECT e.kind, e.source_id::text AS source, e.id::text AS entry, a.purpose, l.amount_minor AS amount
                     FROM journal_entry e
                     JOIN journal_line l ON l.tenant_id = e.tenant_id AND l.entry_id = e.id
                     JOIN account a ON a.tenant_id = l.tenant_id AND a.id = l.account_id
                    WHERE e.tenant_id = $1 ORDER BY e.id, l.position""",
    "moves": """SELECT source_id::text AS sale, product_id::text AS product, kind, quantity::text
                  FROM stock_move WHERE tenant_id = $1 ORDER BY id""",
    "on_hand": """SELECT product_id::text AS product, sum(quantity)::text AS quantity
                    FROM (SELECT product_id, on_hand AS quantity FROM stock_balance WHERE tenant_id = $1
                           UNION ALL SELECT product_id, quantity FROM stock_delta WHERE tenant_id = $1) AS held
                   GROUP BY product_id ORDER BY 1""",
    "shifts": """SELECT h.id::text, h.till_id::text AS till, h.closed_at IS NOT NULL AS closed,
                        z.report::text AS report, z.counted_minor AS counted, z.variance_minor AS variance
                   FROM shift h LEFT JOIN z_report z ON z.tenant_id = h.tenant_id AND z.shift_id = h.id
                  WHERE h.tenant_id = $1 ORDER BY h.till_id, h.number""",
    "rollups": """SELECT shift_id::text AS shift, documents, takings ->> 'total_minor' AS total
                    FROM shift_rollup WHERE tenant_id = $1 ORDER BY 1""",
    "remarks": """SELECT code, sale_id::text AS sale, till_id::text AS till, facts::text
                    FROM sync_exception WHERE tenant_id = $1 ORDER BY id""",
    "claims": """SELECT till_id::text AS till, device_id::text AS device, fence FROM till_claim
                  WHERE tenant_id = $1 ORDER BY 1, fence""",
    "waiting": "SELECT count(*) AS count FROM outbox WHERE tenant_id = $1",
}


@dataclass(frozen=True)
class Ledger:
    """The rows of one business. What `reports` says of open shifts is the server's own X report."""

    rows: Mapping[str, Sequence[Row]]
    reports: Mapping[str, Mapping[str, Any]]
    checks: Sequence[tuple[str, bool, str]]

    def of(self, name: str) -> Sequence[Row]:
        return self.rows[name]

    def report(self, shift: Row) -> Mapping[str, Any]:
        """Give a closed shift's Z report, an open one's X report."""
        if shift["report"] is not None:
            return dict(json.loads(shift["report"]))
        return self.reports.get(shift["id"], {})


async def read_ledger(
    conn: asyncpg.Connection,
    tenant: UUID,
    *,
    reports: Mapping[str, Mapping[str, Any]] | None = None,
    checks: Sequence[tuple[str, bool, str]] = (),
) -> Ledger:
    """Read every row of a business that the judge looks at."""
    rows = {name: [dict(row) for row in await conn.fetch(sql, tenant)] for name, sql in _QUERIES.items()}
    return Ledger(rows, reports or {}, checks)
