"""Traits of a product: what kind it is, what is in it, how it is sold; frozen values and the rules they obey; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.quantity import from_milli
from retail.kit.text import _

GOODS: Final = "goods"
SERVICE: Final = "service"
KIT: Final = "kit"
KINDS: Final = (GOODS, SERVICE, KIT)
TRACKING: Final = ("none", "lot", "serial")
MEASURED: Final = frozenset({"kg", "l", "m", "m2", "h"})
"""Units that are sold in thousandths; of the others whole ones."""
CONTENT_UNITS: Final = ("g", "kg", "ml", "cl", "l", "cm", "m", "m2", "each")
MOST_PARTS: Final = 50
MOST_OF_PART: Final = Decimal(100_000)
MOST_TAGS: Final = 30
TAG_LENGTH: Final = 40
MOST_ATTRIBUTES: Final = 40
NOTES_LENGTH: Final = 2000
DEEPEST: Final = 3
"""A kit may hold kits that hold kits, and no more: a crate of cases of packs."""


@dataclass(frozen=True, slots=True)
class Part:
    """A product in a kit, and how many of it are in one."""

    product: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Traits:
    """All that is said of a product beyond a Draft's fields. `content_milli` in thousandths of `content_unit`.

    `deposit` is the service that is sold along, such as a bottle's deposit; `modifier_groups` are in their order.
    """

    kind: str = GOODS
    parts: tuple[Part, ...] = ()
    open_price: bool = False
    min_age: int | None = None
    deposit: UUID | None = None
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    available_from: datetime | None = None
    available_until: datetime | None = None
    tracking: str = "none"
    content_milli: int | None = None
    content_unit: str | None = None
    modifier_groups: tuple[UUID, ...] = ()

    def on_sale(self, now: datetime) -> bool:
        """Claim that its schedule has it on sale: from its first moment, up to before its last one."""
        begun = self.available_from is None or self.available_from <= now
        return begun and (self.available_until is None or now < self.available_until)


PLAIN: Final = Traits()


def problems(traits: Traits, unit: str) -> dict[str, list[str]]:
    """Say, by field, what can't be, whatever else the shop has."""
    found: dict[str, list[str]] = {}
    for name, wrong, sentence in (*_of_kits(traits, unit), *_of_words(traits)):
        if wrong:
            found.setdefault(name, []).append(sentence)
    return found


def _of_kits(traits: Traits, unit: str) -> list[tuple[str, bool, str]]:
    is_kit, parts = traits.kind == KIT, traits.parts
    twice = len({part.product for part in parts}) < len(parts)
    amounts = all(0 < part.quantity <= MOST_OF_PART for part in parts)
    return [
        ("kind", traits.kind not in KINDS, _("Pick goods, a service or a kit.")),
        ("parts", is_kit and not parts, _("A kit needs at least one part. Add what is in it, or make it goods.")),
        ("parts", not is_kit and bool(parts), _("Only a kit has parts. Pick kit as its kind, or take the parts out.")),
        ("unit", is_kit and unit != "each", _("A kit is sold by the piece. Pick the piece, or make it goods.")),
        ("parts", len(parts) > MOST_PARTS, _("Use at most %(most)d parts.") % {"most": MOST_PARTS}),
        ("parts", twice, _("A part stands there twice. Put its quantities together.")),
        ("parts", not amounts, _("Type a quantity above zero for each part, at most 100,000.")),
        ("tracking", traits.tracking not in TRACKING, _("Pick none, lot or serial.")),
        ("tracking", bool(number_problem(traits.tracking, unit)), number_problem(traits.tracking, unit)),
        ("tracking", traits.kind != GOODS and traits.tracking != "none", _("Only goods have lots or serial numbers.")),
    ]


def number_problem(tracking: str, unit: str) -> str:
    """Say that what is measured has no pieces to number, or ''."""
    if tracking == "serial" and unit in MEASURED:
        return _("Serial numbers are for whole pieces. Sell it by the piece, or follow it by lot.")
    return ""


def _of_words(traits: Traits) -> list[tuple[str, bool, str]]:
    first, last = traits.available_from, traits.available_until
    tags = len(traits.tags) > MOST_TAGS or any(len(tag) > TAG_LENGTH for tag in traits.tags)
    few = _("Use at most %(most)d tags of %(length)d letters.") % {"most": MOST_TAGS, "length": TAG_LENGTH}
    half = (traits.content_milli is None) != (traits.content_unit is None)
    few_units = _("Use one of the units %(units)s.") % {"units": ", ".join(CONTENT_UNITS)}
    many = len(traits.attributes) > MOST_ATTRIBUTES
    return [
        ("available_until", bool(first and last and first >= last), _("The last day must come after the first.")),
        ("content", traits.content_unit not in {None, *CONTENT_UNITS}, few_units),
        ("content", half, _("Type how much is in it and in which unit, or leave both empty.")),
        ("tags", tags, few),
        ("attributes", many, _("Use at most %(most)d attributes.") % {"most": MOST_ATTRIBUTES}),
    ]


def kit_problem(kit: UUID, parts: Sequence[UUID], inside: Mapping[UUID, Sequence[UUID]]) -> str:
    """Say why a kit can't hold these parts, or ''; `inside` is what every kit holds, this one's old parts too.

    No kit holds itself, however deep, and kits hold kits at most DEEPEST deep, also those that hold this one.
    """
    if kit in parts:
        return _("A kit can't hold itself. Take it out of its parts.")
    after = {**inside, kit: parts}
    below = _reached(kit, after)
    if kit in below:
        return _("One of the parts holds this kit, so it would hold itself. Take that part out.")
    above = [one for one in after if kit in _reached(one, after)]
    if max(_depth(one, after) for one in (kit, *above)) > DEEPEST:
        return _("Kits hold kits at most %(most)d deep. Take one level out.") % {"most": DEEPEST}
    return ""


def holders(kits: Sequence[UUID], inside: Mapping[UUID, Sequence[UUID]]) -> set[UUID]:
    """Give the kits that hold one of these, however deep."""
    wanted = set(kits)
    return {one for one in inside if wanted & _reached(one, inside)} - wanted


def _reached(kit: UUID, inside: Mapping[UUID, Sequence[UUID]]) -> set[UUID]:
    found: set[UUID] = set()
    waiting = list(inside.get(kit, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += inside.get(one, ())
    return found


def _depth(kit: UUID, inside: Mapping[UUID, Sequence[UUID]]) -> int:
    """Tell how deep a kit goes; 0 for what is none. Only called where no kit holds itself."""
    parts = inside.get(kit)
    return 1 + max((_depth(part, inside) for part in parts), default=0) if parts else 0


def content_words(content_milli: int | None, content_unit: str | None) -> str:
    """Write how much is in a product, as a form holds it: "0.5 l"."""
    return f"{from_milli(content_milli).normalize():f} {content_unit}" if content_milli and content_unit else ""
