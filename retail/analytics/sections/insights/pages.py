"""The section Insights in other words: the one page of the product that a language model may have a word in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics.sections.insights.insight import Insight
from retail.analytics.sections.insights.phrasing import SECONDS, Phrasing, PhrasingFailed
from retail.analytics.sections.pages import shown_section
from retail.kit.text import _
from retail.runtime.web.context import settings, tenant
from retail.runtime.web.outgoing import Outgoing

SECTION: Final = "insights"
_log = logging.getLogger(__name__)


async def show(request: Request) -> Response:
    """Show what to look at."""
    return await shown_section(request, SECTION, _as_it_is)


async def in_other_words(request: Request) -> Response:
    """Show the same in other words, where that is turned on; where nothing good comes back, as it is."""
    return await shown_section(request, SECTION, _worded)


async def _as_it_is(request: Request, shown: dict[str, Any]) -> dict[str, Any]:
    return {"worded": "", "wordable": _may_be_worded(request, shown)}


def _may_be_worded(request: Request, shown: dict[str, Any]) -> bool:
    return bool(settings(request).phrasing_api and shown.get("turned_on") and shown.get("insights"))


async def _worded(request: Request, shown: dict[str, Any]) -> dict[str, Any]:
    if not _may_be_worded(request, shown):
        return {"worded": _("Other words are turned off."), "wordable": False}
    plain: Sequence[Insight] = shown["insights"]
    own = settings(request)
    phrasing = Phrasing(own.phrasing_api, Outgoing.of(own, seconds=SECONDS))
    try:
        said = await phrasing.phrased(plain, tenant(request).locale)
    except PhrasingFailed as failed:
        _log.warning("insights stay as they are worded", extra={"reason": str(failed)})
        return {"worded": _("No other words came. These are ours."), "wordable": True}
    changed = sum(1 for one in said if one.said)
    words = _("%(changed)s of %(all)s in other words; names and figures are ours.")
    told = words % {"changed": changed, "all": len(said)}
    return {"worded": told, "wordable": False, "insights": said}
