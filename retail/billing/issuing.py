"""Giving drafts their numbers: one statement for any number of businesses, and no number is ever left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from retail.billing.drafts import Draft
from retail.runtime.db import Unit


async def issue(unit: Unit, drafts: Sequence[Draft]) -> dict[UUID, str]:
    """Store drafts as invoices with the next numbers; gives the numbers by the drafts' ids.

    A draft whose subscription was changed since it was read is left out. Locks the subscriptions and the year's
    counter until the transaction ends.
    """
    if not drafts:
        return {}
    written = json.dumps([asdict(draft) for draft in drafts], default=str)
    rows = await unit.fetch("SELECT id, number FROM auth_billing_issue($1::jsonb, $2)", written, unit.now)
    return {row["id"]: row["number"] for row in rows}
