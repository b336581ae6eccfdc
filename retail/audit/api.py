"""The JSON API of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from retail.audit import EXPORT, VIEW_AUDIT, queries
from retail.audit.anchors import outside_of_process
from retail.audit.exports import export_chain, public_keys
from retail.audit.files import as_file
from retail.audit.handlers import wanted_in
from retail.audit.operations import note, told
from retail.audit.queries import Wanted
from retail.audit.verification import verify_chain
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import After, Limit, allow
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, tenant

router = APIRouter(tags=["audit"])
PATIENCE: Final = 120
"""Seconds that one statement of a whole walk may take."""


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
    ip: str
    device_id: UUID | None
    session_id: UUID | None


class AuditPage(BaseModel):
    """A page of the trail, newest first."""

    items: list[AuditEventOut]
    next: str | None


class HeadOut(BaseModel):
    """The newest signed head: keep it, and nobody can cut the trail before it without being found out."""

    chain: str
    seq: int
    hash: str
    at: str
    key: str
    signature: str


class VerificationOut(BaseModel):
    """Whether the whole trail is as it was written."""

    ok: bool
    events: int
    waiting: int
    head: HeadOut | None
    anchored: int | None
    problems: list[str]
    notes: list[str]


@router.get("/audit/events")
async def list_events(
    request: Request,
    limit: Limit = 50,
    after: After = None,
    action: Annotated[str, Query(max_length=100, description="Only this action, as in product.put.")] = "",
    subject: Annotated[UUID | None, Query(description="Only what was done to this thing.")] = None,
    actor: Annotated[UUID | None, Query(description="Only what this person or program did.")] = None,
    ip: Annotated[str, Query(max_length=64, description="Only what came from this address.")] = "",
    scope: Scope = allow(VIEW_AUDIT),
) -> AuditPage:
    """Give who did what, newest first."""
    wanted = Wanted(action=action, subject=subject, actor=actor, ip=ip)
    async with db(request).read(scope) as read:
        page = await queries.events(read, wanted, after=after, limit=limit)
    return AuditPage(items=[AuditEventOut.model_validate(item) for item in page.items], next=page.next)


@router.get("/audit/verification")
async def show_verification(request: Request, scope: Scope = allow(VIEW_AUDIT)) -> VerificationOut:
    """Verify the whole trail against its chain, its signatures and its anchors; takes seconds on a long one."""
    async with db(request).read(scope, seconds=PATIENCE) as read:
        found = await verify_chain(read, outside_of_process())
    head = HeadOut.model_validate(found.head.line()) if found.head else None
    return VerificationOut(
        ok=found.ok,
        events=found.events,
        waiting=found.waiting,
        head=head,
        anchored=found.anchored,
        problems=found.problems,
        notes=found.notes,
    )


@router.get("/audit/keys")
async def show_keys(scope: Scope = allow(VIEW_AUDIT)) -> Response:  # noqa: ARG001 - asks for the permission
    """Give the public keys that verify the heads; keep them apart from the exports."""
    outside = outside_of_process()
    return Response(public_keys(outside.keyring if outside else None), media_type="application/json")


@router.get("/audit/export")
async def export_all(request: Request, scope: Scope = allow(VIEW_AUDIT, also=EXPORT)) -> Response:
    """Give the chain, one JSON object a line, as `countertop audit verify` reads it.

    The filters of the trail's page (`person`, `action`, `ip`, `q`, `from` and `to` as days, `subject`, `device`,
    `session`, `request`) leave only those records in words; every other stands there as its digest, so that the file
    proves itself as the whole one does.
    """
    asked = Asked.of(request, "/audit")
    async with db(request).read(scope) as read:
        zone = ZoneInfo(tenant(request).timezone)
        wanted = wanted_in(asked, zone, await queries.people(read), await queries.actions(read))
    asked.check()
    await note(db(request), scope, "audit.exported", "audit", None, format="jsonl", filters=told(asked.kept))
    async with db(request).read(scope, seconds=PATIENCE) as read:
        lines = export_chain(read, wanted if asked.kept else None)
        return await as_file(lines, f"audit-{read.now.date()}.jsonl", "application/jsonl")
