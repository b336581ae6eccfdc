"""What the act is that an approval's record names by its id: looked up where the record is shown, as names are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.audit.action_words import action_words
from retail.audit.fact_words import kind_words
from retail.audit.queries import AuditEvent
from retail.kit.text import _
from retail.runtime.db import Read

FACT: Final = "act"
_ACTS: Final = """
SELECT kind, number::text AS name FROM sale WHERE tenant_id = $1 AND id = $2
UNION ALL SELECT 'void_' || kind, '' FROM voided WHERE tenant_id = $1 AND id = $2
UNION ALL SELECT 'cash_move', '' FROM cash_move WHERE tenant_id = $1 AND id = $2
UNION ALL SELECT 'drawer', '' FROM drawer_event WHERE tenant_id = $1 AND id = $2
UNION ALL SELECT 'count', name FROM stock_count WHERE tenant_id = $1 AND id = $2
LIMIT 1"""
_PAGES: Final = {"sale": "/sales/{}", "return": "/sales/{}", "count": "/stock/counts/{}"}


@dataclass(frozen=True, slots=True)
class ActShown:
    """What an act is called; `page` is the address of what came of it, where it has one."""

    words: str
    page: str | None = None


async def act_of(read: Read, event: AuditEvent) -> ActShown | None:
    """Name the act of an approval's record; None where it names none, or was never done."""
    if event.subject_kind != "approval" or not (id := _id(event.facts.get(FACT))):
        return None
    row = await read.fetchrow(_ACTS, read.tenant, id)
    if row is None:
        return ActShown(_("Not done, as far as is known here"))
    page = _PAGES.get(row["kind"])
    told: Iterable[str] = (_words(row["kind"]), row["name"])
    return ActShown(" ".join(part for part in told if part), page.format(id) if page else None)


def _words(kind: str) -> str:
    actions = {
        "void_line": "sales.line_voided", "void_sale": "sales.sale_voided", "void_undo": "sales.void_undone",
        "cash_move": "cash.moved", "drawer": "cash.drawer_opened",
    }  # fmt: skip
    if kind == "return":
        return _("Return")
    return action_words(actions[kind]) if kind in actions else kind_words(kind)


def _id(told: object) -> UUID | None:
    try:
        return UUID(str(told))
    except ValueError:
        return None
