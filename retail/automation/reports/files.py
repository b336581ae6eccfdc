"""Reports among the files of lists: what they are called there, who may have them, and how the worker writes one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from starlette.datastructures import QueryParams

from retail.automation.exports.lists import list_of, rights_of
from retail.automation.exports.making import Tell
from retail.automation.reports.asking import Seeing
from retail.automation.reports.bases import BASES, Base
from retail.automation.reports.making import Out, Paper, write_report
from retail.kit.text import _, use_language
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.uploads import Shelf
from retail.settings import settings_of_process
from retail.tenants.queries import this_tenant

PREFIX: Final = "report-"
TITLE: Final = "title"
AS_OF: Final = "as_of"
"""What a run knows beside its report's address: its title, and the moment from which relative periods count."""


def report_in(name: str) -> Base | None:
    """Give the base of a report's file; None: the file is one of a list."""
    return BASES.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None


def label_of(name: str) -> str:
    """Name what a file is of, untranslated. Raises NotFound."""
    base = report_in(name)
    return base.label if base else list_of(name).label


def rights_to(name: str) -> tuple[str, ...]:
    """Name the rights that a file asks for, beside the one to take files out. Raises NotFound."""
    base = report_in(name)
    return base.rights if base else rights_of(list_of(name))


Wanted = tuple[Sequence[tuple[str, str]], str, bool]
"""What is asked for, in which form, and whether with costs."""


async def write_file_of(read: Read, base: Base, wanted: Wanted, path: Path, tell: Tell) -> int:
    """Write the file of a report; gives how many rows it has. Raises Invalid."""
    pairs, form, costs = wanted
    own = {name: value for name, value in pairs if name in {TITLE, AS_OF}}
    asked = Asked("", QueryParams([pair for pair in pairs if pair[0] not in own]))
    as_of = datetime.fromisoformat(own[AS_OF]) if AS_OF in own else None
    facts = await this_tenant(read)
    with use_language(facts.locale):
        sheet = await base.sheet(read, asked, Seeing(costs, as_of))
        title = own.get(TITLE) or _(base.label)
    shelf = Shelf(settings_of_process(), read.tenant)
    return await write_report(sheet, cast("Out", form), Paper(title, facts, as_of or read.now, shelf), path, tell)
