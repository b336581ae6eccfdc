"""Labels of all products that are due in a store, as PDFs in a ZIP: asked for on the page of labels, made by a job.

They are made part by part, so the memory of a few hundred labels is enough for any number of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

from starlette.datastructures import QueryParams

from retail.automation.files.writing import Form
from retail.catalog.labels import shelf
from retail.catalog.labels.asking import wish_in
from retail.catalog.labels.composing import Mark, TooNarrow, compose
from retail.catalog.labels.paper import print_labels
from retail.catalog.labels.shelf import LabelFacts
from retail.catalog.labels.wishes import Wish, text_of
from retail.kit.text import _
from retail.runtime.db import Database, Tx
from retail.runtime.tenancy import Scope, TenantFacts
from retail.runtime.web.forms import Fields
from retail.tenants import queries as tenants

PDF: Final = "pdf"
Made = Form | Literal["pdf"]
"""What a file is: a table in one of its forms, or labels on paper."""
AT_ONCE: Final = 500
"""So many labels, or a few more that fill their last page, are drawn at a time and go into one PDF of the ZIP."""
FIELDS: Final = ("store", "format", "layout", "symbol", "start")
"""What the form of labels says of them, kept until they are made."""

Tell = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Printed:
    """What was printed in a store: the price that each product's label has."""

    store: UUID
    prices: dict[UUID, int]


async def write_labels(on: Database, seeing: Scope, kept: Sequence[tuple[str, str]], path: Path, tell: Tell) -> Printed:
    """Write the ZIP; a label without room for its code is left out, and its product stays on the list."""
    fields = Fields(QueryParams(list(kept)))
    wish, store = wish_in(fields), fields.uuid("store") or UUID(int=0)
    made = Printed(store, {})
    async with on.read(seeing) as read:
        facts = await tenants.this_tenant(read)
        ids = await shelf.due_ids(read, store)
    part = -(-AT_ONCE // wish.paper.per_page) * wish.paper.per_page
    file = await asyncio.to_thread(ZipFile, path, "w", ZIP_STORED)
    try:
        waiting: list[list[Mark]] = []
        start = wish.start
        for first in range(0, len(ids), AT_ONCE):
            async with on.read(seeing) as read:
                found = await shelf.label_facts(read, ids[first : first + AT_ONCE], store)
            waiting += await asyncio.to_thread(_composed, found, wish, facts, made.prices)
            while len(waiting) >= part - start or (waiting and first + AT_ONCE >= len(ids)):
                now, waiting = waiting[: part - start], waiting[part - start :]
                await asyncio.to_thread(_add, file, now, wish, start)
                start = 0
            await tell(len(made.prices))
    finally:
        await asyncio.to_thread(file.close)
    return made


async def note_printed(tx: Tx, made: Printed) -> None:
    """Note that a store has these labels."""
    if made.prices:
        await shelf.labels_printed(tx, made.store, made.prices)


def _composed(found: Sequence[LabelFacts], wish: Wish, facts: TenantFacts, prices: dict[UUID, int]) -> list[list[Mark]]:
    made = []
    for one in found:
        try:
            made.append(compose(text_of(one, facts), wish.paper, wish.style, wish.kind))
        except TooNarrow:
            continue
        prices[one.id] = one.price_minor
    return made


def _add(file: ZipFile, labels: Sequence[Sequence[Mark]], wish: Wish, start: int) -> None:
    name = f"labels-{len(file.namelist()) + 1:03d}.pdf"
    file.writestr(name, print_labels(labels, wish.paper, start, _("Labels")))
