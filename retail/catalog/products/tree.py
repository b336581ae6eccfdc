"""The tree of categories: who lies in whom, in which order; at most five deep, and never in a ring; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from retail.kit.text import _

DEEPEST: Final = 5
Parents = Mapping[UUID, UUID | None]
"""Every category with the one it lies in."""
Step = Literal["up", "down", "into", "out"]
STEPS: Final = ("up", "down", "into", "out")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a category goes: into `parent` (None: the top), before `before` (None: last)."""

    parent: UUID | None
    before: UUID | None = None


def place_problem(id: UUID, parent: UUID | None, parents: Parents) -> str:
    """Say why a category can't go into another, or ''."""
    if parent is None:
        return ""
    if parent not in parents:
        return _("This category is gone. Pick another one.")
    if parent == id or id in above(parent, parents):
        return _("A category can't lie in itself or in one of its own. Pick another one.")
    if len(above(parent, parents)) + 1 + _height(id, parents) > DEEPEST:
        return _("Categories lie at most %(most)d deep. Pick one further up.") % {"most": DEEPEST}
    return ""


def above(id: UUID, parents: Parents) -> list[UUID]:
    """Give the categories that one lies in, the nearest first; ends where a broken tree would go round."""
    found: list[UUID] = []
    at = parents.get(id)
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def below(id: UUID, parents: Parents) -> set[UUID]:
    """Give a category and all that lies in it, however deep."""
    return {one for one in parents if one == id or id in above(one, parents)}


def in_order(siblings: Mapping[UUID | None, Sequence[UUID]]) -> list[tuple[UUID, int]]:
    """Walk the tree from the top: each category before what lies in it, with how deep it lies."""
    found: list[tuple[UUID, int]] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for one in siblings.get(parent, ()):
            found.append((one, depth))
            walk(one, depth + 1)

    walk(None, 0)
    return found


def called_apart(names: Mapping[UUID, str], parents: Parents) -> dict[UUID, str]:
    """Give what each category is called where all of them stand side by side: where names meet, the path from the top.

    Men > Shoes and Women > Shoes; a name that stands once is enough by itself.
    """
    times = Counter(name.lower() for name in names.values())
    return {
        id: name
        if times[name.lower()] == 1
        else " > ".join(names[one] for one in (*reversed(above(id, parents)), id) if one in names)
        for id, name in names.items()
    }


def spot_of(step: Step, id: UUID, parents: Parents, siblings: Mapping[UUID | None, Sequence[UUID]]) -> Spot | None:
    """Give where one step takes a category; None where there is nowhere to go.

    Up and down among its siblings, into the one above it, out beside the one it lies in.
    """
    parent = parents.get(id)
    beside = list(siblings.get(parent, ()))
    at = beside.index(id)
    if step == "up":
        return Spot(parent, beside[at - 1]) if at else None
    if step == "down":
        return Spot(parent, beside[at + 2] if at + 2 < len(beside) else None) if at + 1 < len(beside) else None
    if step == "into":
        return Spot(beside[at - 1]) if at else None
    if parent is None:
        return None
    beyond = list(siblings.get(parents.get(parent), ()))
    after = beyond.index(parent) + 1
    return Spot(parents.get(parent), beyond[after] if after < len(beyond) else None)


def stuck(parents: Parents, siblings: Mapping[UUID | None, Sequence[UUID]]) -> dict[UUID, dict[Step, str]]:
    """Say of each category which steps lead nowhere, and why."""
    order = in_order(siblings)
    height = dict.fromkeys(parents, 1)
    for id, _depth in reversed(order):
        parent = parents[id]
        if parent is not None:
            height[parent] = max(height[parent], height[id] + 1)
    found: dict[UUID, dict[Step, str]] = {}
    for id, depth in order:
        beside = siblings[parents[id]]
        here: dict[Step, str] = {}
        if beside[0] == id:
            here["up"], here["into"] = _("It is the first one here."), _("There is none above it here.")
        elif depth + 1 + height[id] > DEEPEST:
            here["into"] = _("Categories lie at most %(most)d deep.") % {"most": DEEPEST}
        if beside[-1] == id:
            here["down"] = _("It is the last one here.")
        if not depth:
            here["out"] = _("It lies in no other one.")
        found[id] = here
    return found


def _height(id: UUID, parents: Parents) -> int:
    """Tell how many levels a category takes up: itself, and the deepest of what lies in it."""
    own = len(above(id, parents))
    return 1 + max(len(above(one, parents)) - own for one in below(id, parents))
