"""The rest of the product form: what kind it is, what is in it, how and when it is sold."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.catalog.products.reading import Named
from retail.catalog.products.traits import (
    CONTENT_UNITS,
    KINDS,
    NOTES_LENGTH,
    TAG_LENGTH,
    TRACKING,
    Part,
    Traits,
    content_words,
    problems,
)
from retail.kit.quantity import NotAQuantity, from_milli, to_milli
from retail.kit.text import _
from retail.runtime.web.forms import Fields

GROUP: Final = "group."
"""Begins the fields of a product's choices; their ids follow."""
_PARTS_MOST: Final = 4000
_ATTRIBUTES_MOST: Final = 6000
_NAME_MOST: Final = 40
_VALUE_MOST: Final = 200
_LINE: Final = re.compile(r"^\s*([0-9][0-9.,]*)\s*[x\u00d7*]?\s+(\S.*?)\s*$")
_CONTENT: Final = re.compile(r"^\s*([0-9][0-9.,]*)\s*([a-z0-9²]+)\s*$", re.IGNORECASE)
_MOMENT: Final = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Known:
    """What the form may refer to: products by SKU and barcode, services, choices; and the business's clock."""

    codes: Mapping[str, UUID]
    deposits: Collection[UUID]
    groups: Collection[UUID]
    timezone: str


def part_codes(fields: Fields) -> list[str]:
    """Give the SKUs and barcodes that the form names as parts, to be looked up before it is read."""
    return [found[2] for line in fields.raw("parts").splitlines() if (found := _LINE.match(line))]


def read_traits(fields: Fields, known: Known) -> Traits | None:
    """Read the traits; files what is wrong with the fields. None where the form doesn't have them at all."""
    if "kind" not in fields:
        return None
    kind = fields.choice("kind", KINDS)
    content = _content(fields)
    age = fields.whole("min_age", required=False, least=0, most=99)
    traits = Traits(
        kind=kind,
        parts=_parts(fields, known.codes) if kind == "kit" else (),
        open_price=fields.flag("open_price"),
        min_age=age or None,
        deposit=_deposit(fields, known.deposits),
        tags=tags_in(fields),
        attributes=_attributes(fields),
        notes=fields.text("notes", NOTES_LENGTH),
        available_from=moment_in(fields, "available_from", known.timezone),
        available_until=moment_in(fields, "available_until", known.timezone),
        tracking=(fields.choice("tracking", TRACKING, required=False) or "none") if kind == "goods" else "none",
        content_milli=content[0] if content else None,
        content_unit=content[1] if content else None,
        modifier_groups=tuple(id for id in known.groups if fields.flag(f"{GROUP}{id}")),
    )
    if not fields.errors:
        for name, sentences in problems(traits, fields.raw("unit")).items():
            for sentence in sentences:
                fields.error("traits" if name == "attributes" else name, sentence)
    return traits


def values_of(traits: Traits, parts: Collection[Named], timezone: str, groups: Collection[UUID] = ()) -> dict[str, str]:
    """Write traits as the form holds them."""
    chosen = {f"{GROUP}{id}": "on" if id in traits.modifier_groups else "" for id in groups}
    return chosen | {
        "kind": traits.kind,
        "parts": "\n".join(f"{one.quantity.normalize():f} {one.sku}" for one in parts),
        "open_price": "on" if traits.open_price else "",
        "min_age": str(traits.min_age or ""),
        "deposit": str(traits.deposit or ""),
        "tags": ", ".join(traits.tags),
        "traits": "\n".join(f"{name}: {value}" for name, value in traits.attributes.items()),
        "notes": traits.notes,
        "available_from": moment_typed(traits.available_from, timezone),
        "available_until": moment_typed(traits.available_until, timezone),
        "tracking": traits.tracking,
        "content": content_words(traits.content_milli, traits.content_unit),
    }


def _parts(fields: Fields, codes: Mapping[str, UUID]) -> tuple[Part, ...]:
    found = []
    for line in fields.text("parts", _PARTS_MOST).splitlines():
        if not line.strip():
            continue
        typed = _LINE.match(line)
        milli = _milli(typed[1]) if typed else None
        if typed is None or not milli:
            said = _("Write each part as how many and its SKU, such as 6 COLA-330. Not so: %(line)s")
            fields.error("parts", said % {"line": line.strip()[:40]})
        elif typed[2] not in codes:
            said = _("No product has the SKU or barcode %(code)s. Type it again, or search for it below.")
            fields.error("parts", said % {"code": typed[2][:40]})
        else:
            found.append(Part(codes[typed[2]], from_milli(milli)))
    return tuple(found)


def _content(fields: Fields) -> tuple[int, str] | None:
    text = fields.text("content", 30)
    if not text:
        return None
    typed = _CONTENT.match(text)
    milli = _milli(typed[1]) if typed else None
    unit = typed[2].lower().replace("²", "2") if typed else ""
    if not milli or unit not in CONTENT_UNITS:
        said = _("Type how much is in it and one of the units %(units)s, such as 0.75 l.")
        fields.error("content", said % {"units": ", ".join(CONTENT_UNITS)})
        return None
    return milli, unit


def _milli(text: str) -> int | None:
    try:
        return to_milli(text.replace(",", "."))
    except NotAQuantity:
        return None


def _deposit(fields: Fields, known: Collection[UUID]) -> UUID | None:
    picked = fields.uuid("deposit", required=False)
    if picked is not None and picked not in known:
        fields.error("deposit", _("Pick one from the list."))
        return None
    return picked


def tags_in(fields: Fields) -> tuple[str, ...]:
    """Read tags, separated by commas or lines; each once."""
    typed = re.split(r"[,\n]", fields.text("tags", 1500))
    tags = tuple(dict.fromkeys(" ".join(tag.split()) for tag in typed if tag.strip()))
    if any(len(tag) > TAG_LENGTH for tag in tags):
        fields.error("tags", _("Use at most %(most)d letters for a tag.") % {"most": TAG_LENGTH})
    return tags


def _attributes(fields: Fields) -> dict[str, str]:
    # A control of the name attributes would hide the form's own from whatever walks the page.
    found: dict[str, str] = {}
    for line in fields.text("traits", _ATTRIBUTES_MOST).splitlines():
        # as this form writes them, whatever signs the name has; else what comes first
        sign = ": " if ": " in line else min((one for one in ":=" if one in line), key=line.index, default=":")
        name, between, value = (one.strip() for one in line.partition(sign))
        if not line.strip():
            continue
        if not name or not between or not value or len(name) > _NAME_MOST or len(value) > _VALUE_MOST:
            said = _("Write one per line as name and value, such as Origin: Italy. Not so: %(line)s")
            fields.error("traits", said % {"line": line.strip()[:40]})
        elif name in found:
            fields.error("traits", _("%(name)s stands there twice.") % {"name": name})
        found[name] = value
    return found


def moment_in(fields: Fields, name: str, timezone: str) -> datetime | None:
    """Read a day and a time of the shop's; None where there is none."""
    text = fields.text(name, 16)
    if not text:
        return None
    try:
        local = datetime.strptime(text, _MOMENT).replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        fields.error(name, _("Pick a day and a time."))
        return None
    return local.astimezone(UTC)


def moment_typed(moment: datetime | None, timezone: str) -> str:
    """Write a moment as a field of a form has it."""
    return moment.astimezone(ZoneInfo(timezone)).strftime(_MOMENT) if moment else ""


def listed(quantity: Decimal) -> str:
    """Write a quantity of a part without the zeros that only the column adds."""
    return f"{quantity.normalize():f}"
