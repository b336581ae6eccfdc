"""How often somebody may ask for approvals, and try PINs and badges for them: at tills, by programs, by forms alike."""

from __future__ import annotations

from starlette.requests import Request

from retail.kit.errors import TooMany
from retail.runtime.web.context import edge
from retail.runtime.web.limits import limit
from retail.runtime.web.pace import caller


async def not_too_often(request: Request) -> None:
    """Count a question, or a PIN tried for one: whose PIN it is doesn't matter here. Raises TooMany."""
    await limit(request, "approval", caller(edge(request)))


async def too_often(request: Request) -> TooMany | None:
    """Count a question that a form asks; gives the refusal to show on the form, None where it may be asked."""
    try:
        await not_too_often(request)
    except TooMany as refused:
        return refused
    return None
