"""The operator's view of the platform's own audit trail: what happens outside of any business."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.audit import queries, words
from retail.audit.queries import Wanted
from retail.audit.sealing import signed_head
from retail.automation.exports.walking import Col, Walk
from retail.console import files
from retail.console.named import subjects
from retail.kit.money import currency, format_money
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Read
from retail.runtime.tenancy import Scope
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db
from retail.runtime.web.responses import render


async def index(request: Request) -> Response:
    """List it, newest first; never what happens in a business, which has a trail of its own."""
    asked = Asked.of(request, "/platform/audit")
    async with db(request).read(Scope.system(PLATFORM)) as read:
        actions = await queries.actions(read)
        walk = await _walk(read, asked, None)
        asked.refuse_others()
        page = await asked.page(walk)
        head = await signed_head(read)
        known = await subjects(read, page.items)
    return render(
        request,
        "console/audit/index.html",
        asked.status,
        asked=asked,
        events=page.items,
        next=asked.next(page),
        actions=sorted(((name, words.action_words(name)) for name in actions), key=lambda pair: pair[1]),
        head=head,
        words=words,
        known=known,
        plainly=str,
        amount=_amount,
    )


def _amount(minor: int, code: str = "") -> str:
    """Write an amount where its currency is known, else as the whole number of minor units that it is."""
    return format_money(minor, currency(code), "en-GB") if code else str(minor)


async def _walk(read: Read, asked: Asked, most: int | None = files.AT_ONCE) -> Walk:
    """Read the address; gives what reads a page of the list."""
    first, last = asked.period()
    action = asked.option("action", await queries.actions(read))
    wanted = Wanted(
        action=action, ip=asked.ip("ip"), first=first, last=last, subject=asked.uuid("subject", required=False)
    )
    return lambda after: queries.events(read, wanted, after=after, limit=most)


export = files.as_file(
    "audit",
    (
        Col("at", "moment"), Col("actor_kind"), Col("actor_id", "plain"), Col("actor_name"), Col("action"),
        Col("subject_kind"), Col("subject_id", "plain"), Col("facts", "facts"), Col("ip"), Col("request_id"),
        Col("id", "plain"),
    ),
    _walk,
)  # fmt: skip
