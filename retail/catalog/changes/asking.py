"""What a form asks to be done to many products, and the words that say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.datastructures import QueryParams

from retail.catalog.asking import Choices, picks_in, wanted_in
from retail.catalog.changes.acts import ACTS, MOST_TAGS, Act
from retail.catalog.changes.running import Choice, Matching, Value
from retail.catalog.products.forms import moment_in, tags_in
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.forms import Fields

PATH: Final = "/products"


def act_names() -> dict[Act, str]:
    """Name what can be done, in the order of a form."""
    return {
        "category": _("Put into a category"),
        "tax_class": _("Set the tax class"),
        "tags_add": _("Add tags"),
        "tags_remove": _("Remove tags"),
        "reorder_point": _("Set the reorder point"),
        "schedule": _("Sell from and until"),
        "archive": _("Take off sale"),
        "restore": _("Put back on sale"),
    }


@dataclass(frozen=True, slots=True)
class Meant:
    """What a form says so far: which products, and what to do; `act` None where nothing is picked yet."""

    choice: Choice
    act: Act | None
    value: Value


async def choice_in(read: Read, fields: Fields, known: Choices) -> Choice:
    """Read which products are meant: the ticked ones, or all that match the list's address as of the form's version."""
    if fields.raw("all") != "1":
        return picks_in(fields.many("ids"))
    asked = Asked(PATH, QueryParams(fields.raw("back")))
    wanted = wanted_in(asked, known)
    if asked.errors:
        fields.error("", _("The list's address has a wrong filter. Go back to the list and filter it again."))
    typed = fields.raw("seen")
    if typed.isascii() and typed.isdigit() and len(typed) < 19:
        return Matching(wanted, int(typed))
    version: int = await read.fetchval("SELECT version FROM catalogue_head WHERE tenant_id = $1", read.tenant)
    return Matching(wanted, version)


async def meant_in(read: Read, fields: Fields, known: Choices, timezone: str) -> Meant:
    """Read the whole form; what is wrong is filed in it."""
    choice = await choice_in(read, fields, known)
    act: Act | None = fields.choice("act", ACTS, required=False) or None  # type: ignore[assignment]
    return Meant(choice, act, _value(fields, act, known, timezone) if act else {})


def _value(fields: Fields, act: Act, known: Choices, timezone: str) -> Value:
    if act == "category":
        return {"category_id": _one_of(fields, "new_category", {one.id for one in known.categories}, required=False)}
    if act == "tax_class":
        return {"tax_class_id": _one_of(fields, "new_tax_class", {one.id for one in known.taxes}, required=True)}
    if act in {"tags_add", "tags_remove"}:
        tags = tags_in(fields)
        if not tags:
            fields.error("tags", _("Fill this in."))
        if len(tags) > MOST_TAGS:
            fields.error("tags", _("Use at most %(most)d tags.") % {"most": MOST_TAGS})
        return {"tags": list(tags)}
    if act == "reorder_point":
        point = fields.quantity("reorder_point", required=False)
        if point < 0:
            fields.error("reorder_point", _("This can't be below zero."))
        return {"reorder_point": f"{point:f}" if fields.raw("reorder_point").strip() else None}
    if act == "schedule":
        begin, end = moment_in(fields, "available_from", timezone), moment_in(fields, "available_until", timezone)
        if begin and end and end <= begin:
            fields.error("available_until", _("The end must come after the beginning."))
        return {"available_from": _iso(begin), "available_until": _iso(end)}
    return {}


def _one_of(fields: Fields, name: str, known: set[UUID], *, required: bool) -> str | None:
    picked = fields.uuid(name, required=required)
    if picked is not None and picked not in known:
        fields.error(name, _("Pick one from the list."))
    return str(picked) if picked else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def told(act: Act, value: Mapping[str, Any], known: Choices) -> dict[str, object]:
    """Give what an act sets or what a product had, for a template: its kind ("category", "moments", …) and figures."""
    if act == "category":
        names = {str(one.id): one.called for one in known.categories}
        return {"text": names.get(str(value.get("category_id")), _("no category"))}
    if act == "tax_class":
        return {"text": {str(one.id): one.name for one in known.taxes}.get(str(value.get("tax_class_id")), "?")}
    if act in {"tags_add", "tags_remove"}:
        return {"text": ", ".join(value.get("tags", ())) or _("no tags")}
    if act == "reorder_point":
        return {"quantity": value.get("reorder_point")}
    if act == "schedule":
        return {"moments": [_moment(value.get(name)) for name in ("available_from", "available_until")]}
    archived = value.get("archived_at") is not None if "archived_at" in value else act == "archive"
    return {"text": _("off sale") if archived else _("on sale")}


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
