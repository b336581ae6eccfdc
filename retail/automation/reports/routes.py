"""Addresses of reports."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from retail.audit import EXPORT
from retail.automation.reports import pages, schedule_edit_pages, schedule_pages
from retail.automation.reports.bases import BASES
from retail.identity.permissions import VIEW_DASHBOARD
from retail.runtime.web.routing import get, post

_SENDING: Final = f"{pages.HOME}/kept/{{id:uuid}}/sending"


def _of(name: str) -> list[BaseRoute]:
    """List the addresses of a report; each asks for what its figures ask for."""
    first, *others = BASES[name].rights
    at, also = f"{pages.HOME}/{name}", " ".join(others)
    return [
        get(at, pages.show(name), permission=first, also=also),
        get(f"{at}/chart", pages.chart(name), permission=first, also=also),
        post(f"{at}/files", pages.make(name), permission=EXPORT),
    ]


ROUTES: Final[list[BaseRoute]] = [
    get(pages.HOME, pages.index, permission=VIEW_DASHBOARD),
    post(pages.HOME, pages.create, permission=VIEW_DASHBOARD),
    post(f"{pages.HOME}/kept/{{id:uuid}}", pages.update, permission=VIEW_DASHBOARD),
    post(f"{pages.HOME}/kept/{{id:uuid}}/archiving", pages.archive, permission=VIEW_DASHBOARD),
    post(f"{pages.HOME}/kept/{{id:uuid}}/restoring", pages.restore, permission=VIEW_DASHBOARD),
    get(_SENDING, schedule_pages.index, permission=EXPORT),
    post(_SENDING, schedule_pages.create, permission=EXPORT),
    get(f"{_SENDING}/{{schedule:uuid}}", schedule_edit_pages.show, permission=EXPORT),
    post(f"{_SENDING}/{{schedule:uuid}}", schedule_edit_pages.update, permission=EXPORT),
    post(f"{_SENDING}/{{schedule:uuid}}/pause", schedule_pages.pause, permission=EXPORT),
    post(f"{_SENDING}/{{schedule:uuid}}/resumption", schedule_pages.resume, permission=EXPORT),
    post(f"{_SENDING}/{{schedule:uuid}}/ending", schedule_pages.end, permission=EXPORT),
    post(f"{_SENDING}/{{schedule:uuid}}/now", schedule_pages.send, permission=EXPORT),
    *(route for name in BASES for route in _of(name)),
]
