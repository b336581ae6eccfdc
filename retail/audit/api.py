"""The JSON API of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from retail.audit import VIEW_AUDIT, queries
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import After, Limit, allow
from retail.runtime.web.context import db

router = APIRouter(tags=["audit"])


class AuditEventOut(BaseModel):
    """One thing that somebody did."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    action: str
    subject_kind: str
    subject_id: UUID | None
    facts: dict[str, Any]
    request_id: str


class AuditPage(BaseModel):
    """A page of the trail, newest first."""

    items: list[AuditEventOut]
    next: str | None


@router.get("/audit/events")
async def list_events(
    request: Request,
    limit: Limit = 50,
    after: After = None,
    action: Annotated[str, Query(max_length=100, description="Only this action, as in sale.completed.")] = "",
    subject: Annotated[UUID | None, Query(description="Only what was done to this thing.")] = None,
    scope: Scope = allow(VIEW_AUDIT),
) -> AuditPage:
    """Give who did what, newest first."""
    async with db(request).read(scope) as read:
        page = await queries.events(read, after=after, limit=limit, action=action, subject=subject)
    return AuditPage(items=[AuditEventOut.model_validate(item) for item in page.items], next=page.next)
