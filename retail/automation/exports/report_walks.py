"""The list of kept reports as it goes out."""

from __future__ import annotations

from typing import Final

from retail.automation.columns import said
from retail.automation.exports.walking import AT_ONCE, Col, Walk, Walked
from retail.automation.reports import queries
from retail.identity.permissions import VIEW_DASHBOARD
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked


async def _reports(read: Read, asked: Asked) -> Walk:
    q, show = asked.search(), asked.option("show", queries.SHOW)
    return lambda after: queries.reports(read, q=q, show=show, limit=AT_ONCE, after=after)


REPORTED: Final[dict[str, Walked]] = {
    "reports": Walked(
        said("Reports"), VIEW_DASHBOARD,
        (Col("report", "plain", "id"), Col("name"), Col("base", "plain"), Col("query"), Col("shared", "flag"),
         Col("by"), Col("schedules", "plain"), Col("updated_at", "moment"), Col("archived_at", "moment")),
        _reports,
    ),
}  # fmt: skip
