"""What a new business does first; each step ticks itself off once it has been done, wherever that was."""

from __future__ import annotations

from dataclasses import dataclass

from retail.kit.text import _
from retail.runtime.db import Read


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: where, and whether it was done."""

    key: str
    title: str
    text: str
    href: str
    action: str
    done: bool


_DONE = """
SELECT EXISTS (SELECT FROM store WHERE tenant_id = $1 AND address <> '') AS store,
       EXISTS (SELECT FROM till_claim WHERE tenant_id = $1) AS till,
       EXISTS (SELECT FROM product WHERE tenant_id = $1 AND archived_at IS NULL) AS products,
       (SELECT count(*) FROM membership WHERE tenant_id = $1 AND ended_at IS NULL) > 1
         OR EXISTS (SELECT FROM invitation WHERE tenant_id = $1 AND withdrawn_at IS NULL) AS people,
       EXISTS (SELECT FROM sale WHERE tenant_id = $1) AS sale
"""


async def first_steps(read: Read) -> list[Step]:
    """Give the steps in the order in which they make sense."""
    row = await read.fetchrow(_DONE, read.tenant)
    done = dict(row) if row else {}
    store = await read.fetchval(
        "SELECT id FROM store WHERE tenant_id = $1 ORDER BY created_at, id LIMIT 1", read.tenant
    )
    known = [
        ("store", _("Your store"), _("Name, address and tax number stand on every receipt."),
         f"/stores/{store}" if store else "/stores", _("Fill in")),
        ("products", _("Your products"), _("Import a list from a file, or type in the first ones."), "/products",
         _("Add products")),
        ("till", _("Your till"), _("Open it on the device at the counter and leave it there."), "/tills",
         _("Open the till")),
        ("people", _("Your people"), _("Invite them by mail; each gets a role."), "/people", _("Invite somebody")),
        ("sale", _("Your first sale"), _("Open a shift, scan something, take the money."), "/tills", _("Sell")),
    ]  # fmt: skip
    return [Step(key, title, text, href, action, bool(done.get(key))) for key, title, text, href, action in known]
