"""Pages of changing many products: what it would do, how far it is, what it did, and undoing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.asking import Choices, choices
from retail.catalog.changes import jobs, looking, running
from retail.catalog.changes.asking import Meant, act_names, meant_in, told
from retail.catalog.changes.errors import CannotUndo
from retail.catalog.changes.running import Matching
from retail.catalog.products.limits import PlanFull
from retail.kit.errors import Invalid
from retail.kit.text import _, ngettext
from retail.runtime.db import Tx
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

PAGE = "/products/changes"


async def index(request: Request) -> Response:
    """List the changes of the last weeks."""
    async with db(request).read(scope(request)) as read:
        known = await choices(read, tenant(request))
        found = await looking.changes(read)
    return render(
        request,
        "catalog/changes/index.html",
        changes=[(one, told(one.act, one.value, known)) for one in found],
        acts=act_names(),
        days=running.KEPT_DAYS,
    )


async def new(request: Request) -> Response:
    """Show what can be done to the products of a list's address."""
    fields = Fields({"all": "1", "back": request.url.query})
    return await _preview(request, fields)


async def preview(request: Request) -> Response:
    """Show what a change would do to the chosen products; nothing is changed."""
    return await _preview(request, await Fields.read(request))


async def create(request: Request) -> Response:
    """Make a change: at once, or by the worker where it is large."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        known = await choices(read, tenant(request))
        meant = await meant_in(read, fields, known, tenant(request).timezone)
    if meant.act is None:
        fields.error("act", _("Pick what to do."))
    if fields.errors:
        return await _preview(request, fields, 422)
    try:
        change = await db(request).run(scope(request), _start, meant)
    except PlanFull as full:
        fields.error("", full.sentence())
        return await _preview(request, fields, 422)
    except Invalid as wrong:
        fields.errors |= wrong.errors
        return await _preview(request, fields, 422)
    return redirect(request, f"{PAGE}/{change}")


async def show(request: Request) -> Response:
    """Show a change: how far it is, what became of its products."""
    id = _id(request)
    async with db(request).read(scope(request)) as read:
        known = await choices(read, tenant(request))
        change = await looking.change(read, id)
        changed = await looking.examples(read, id, "changed")
        passed = await looking.examples(read, id, "passed")
    return render(
        request,
        "catalog/changes/show.html",
        change=change,
        means=told(change.act, change.value, known),
        changed=[(one, told(change.act, one.before, known)) for one in changed],
        passed=passed,
        acts=act_names(),
    )


async def stop(request: Request) -> Response:
    """Have a running change go no further."""
    id = _id(request)
    await db(request).run(scope(request), running.stop, id)
    return redirect(request, f"{PAGE}/{id}", said=_("The change is stopped. What it has changed stays so."))


async def undo(request: Request) -> Response:
    """Bring back what a change has changed, as far as nobody has touched it since."""
    id = _id(request)
    try:
        undoing = await db(request).run(scope(request), _undo, id)
    except (CannotUndo, PlanFull) as refused:
        return redirect(request, f"{PAGE}/{id}", said=refused.sentence(), tone="warn")
    return redirect(request, f"{PAGE}/{undoing}")


async def _start(tx: Tx, meant: Meant) -> UUID:
    assert meant.act is not None  # noqa: S101 - the caller has looked
    change = await running.start(tx, meant.act, meant.value, meant.choice)
    await jobs.begin(tx, change)
    return change


async def _undo(tx: Tx, change: UUID) -> UUID:
    undoing = await running.start_undoing(tx, change)
    await jobs.begin(tx, undoing)
    return undoing


async def _preview(request: Request, fields: Fields, status: int = 200) -> Response:
    errors = {name: list(said) for name, said in fields.errors.items()}
    async with db(request).read(scope(request)) as read:
        known = await choices(read, tenant(request))
        meant = await meant_in(read, fields, known, tenant(request).timezone)
        wrong = bool(fields.errors.keys() - {"act"})
        seen = None if wrong or meant.act is None else await looking.preview(read, meant.act, meant.value, meant.choice)
        many = await looking.count(read, meant.choice)
    return render(
        request,
        "catalog/changes/new.html",
        status,
        many=many,
        preview=seen,
        errors=errors if status == 422 else _typed_wrong(fields),
        values=fields.values,
        press=_press(seen.changed if seen else many),
        pressable=status == 422 or bool(_typed_wrong(fields)) or bool(seen and seen.changed),
        **_offered(fields, meant, known, seen),
    )


def _typed_wrong(fields: Fields) -> dict[str, list[str]]:
    """Give what is wrong with what somebody has typed; what is still to be filled in isn't wrong yet."""
    return {name: said for name, said in fields.errors.items() if not name or fields.raw(name).strip()}


def _press(many: int) -> str:
    return ngettext("Change %(num)d product", "Change %(num)d products", many) % {"num": many}


def _offered(fields: Fields, meant: Meant, known: Choices, seen: looking.Preview | None) -> dict[str, Any]:
    whole = isinstance(meant.choice, Matching)
    return {
        "act": meant.act,
        "acts": list(act_names().items()),
        "whole": whole,
        "seen": meant.choice.seen if isinstance(meant.choice, Matching) else "",
        "ids": [] if isinstance(meant.choice, Matching) else [f"{one.id}@{one.version}" for one in meant.choice],
        "back": fields.raw("back"),
        "means": told(meant.act, meant.value, known) if meant.act else {},
        "examples": [(one, told(meant.act, one.before, known)) for one in seen.examples] if seen and meant.act else [],
        "categories": [(str(one.id), one.indented) for one in known.categories],
        "tax_classes": [(str(one.id), one.name) for one in known.taxes],
        "by_worker": (seen.products if seen else 0) > running.AT_ONCE,
    }


def _id(request: Request) -> UUID:
    return UUID(str(request.path_params["id"]))
