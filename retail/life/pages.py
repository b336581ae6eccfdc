"""Pages of a business's life for its own people: the first steps, and taking everything out."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.life.exports import Export, ask_for_export, export_of, exports, file_of
from retail.life.first_steps import first_steps
from retail.runtime.tenancy import Scope, TenantFacts
from retail.runtime.web.context import db, scope, settings, tenant
from retail.runtime.web.responses import redirect, render
from retail.tenants.life import Life, life_of


async def show_first_steps(request: Request) -> Response:
    """Show what a new business does first."""
    async with db(request).read(scope(request)) as read:
        steps = await first_steps(read)
        life = await life_of(read, read.tenant)
    done = sum(step.done for step in steps)
    return render(request, "life/first_steps.html", steps=steps, done=done, life=life or Life("active"))


async def show_exports(request: Request) -> Response:
    """Show the exports of the whole business, and how far the running one is."""
    async with db(request).read(scope(request)) as read:
        found = await exports(read)
        life = await life_of(read, read.tenant)
    return render(request, "life/exports.html", exports=found, life=life or Life("active"))


async def create_export(request: Request) -> Response:
    """Have everything exported."""
    await db(request).run(scope(request), ask_for_export)
    return redirect(request, "/exports", said=_("The export is being made. You may leave this page."))


async def fetch_export(request: Request) -> Response:
    """Give the zip to a member of the business."""
    return await export_file(request, scope(request), tenant(request), request.path_params["export"])


async def export_file(request: Request, acting: Scope, facts: TenantFacts, wanted: UUID) -> Response:
    """Give an export's zip; who fetched it is in the trail. Raises NotFound, also where the file is gone."""
    async with db(request).read(acting) as read:
        found: Export = await export_of(read, wanted)
    path = file_of(settings(request), facts.id, wanted)
    if found.finished_at is None or not path.is_file():
        raise NotFound("export")
    async with db(request).begin(acting) as tx:
        tx.audit("tenant.export_fetched", "export", wanted)
    name = f"{facts.slug}-{found.finished_at:%Y-%m-%d}.zip"
    return FileResponse(path, media_type="application/zip", filename=name, headers={"Cache-Control": "no-store"})
