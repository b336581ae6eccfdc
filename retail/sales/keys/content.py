"""What a layout holds: pages of tiles, folders among them. Pure; docs/algorithms/till-keys.md.

A tile is an article, a category, a function of the till or a folder; a folder holds tiles, and no folder. Everything
has an id of its own, so that an editor can name what it moves while somebody else has saved another version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.text import _

Tile = dict[str, Any]
Pages = list[dict[str, Any]]

FUNCTIONS: Final = ("discount", "customer", "drawer", "return", "hold", "held", "quick", "receipts")
COLOURS: Final[Mapping[str, int | None]] = {
    "": None, "red": 25, "orange": 60, "yellow": 95, "green": 150, "teal": 195, "blue": 255, "purple": 300, "pink": 350,
}  # fmt: skip
"""Colours by name, with the hue that tills draw; "" is the article's category's."""
MOST_PAGES: Final = 12
MOST_TILES: Final = 200
LONGEST: Final = 40
MOST_BYTES: Final = 60_000
_ID: Final = re.compile("[0-9a-z]{1,12}")


def read(text: str) -> Pages:
    """Read a layout as a browser or a program sends it; nothing of it is believed. Raises Invalid."""
    try:
        found: list[Any] = json.loads(text) if len(text) <= MOST_BYTES else []
        pages = [_page(one) for one in found]
        ids = [one["id"] for one in everything(pages)]
        if len(set(ids)) != len(ids):
            raise ValueError("one id twice")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as wrong:
        raise Invalid({"": [_("This layout can't be read. Open it again from the list.")]}) from wrong
    if not 1 <= len(pages) <= MOST_PAGES:
        raise Invalid({"": [_("A layout has at least one page and at most %(most)d.") % {"most": MOST_PAGES}]})
    if sum(1 for _tile in tiles_of(pages)) > MOST_TILES:
        raise Invalid({"": [_("A layout has at most %(most)d tiles. Remove some first.") % {"most": MOST_TILES}]})
    return pages


def write(pages: Pages) -> str:
    """Write a layout as it is stored."""
    return json.dumps(pages, ensure_ascii=False, separators=(",", ":"))


def _page(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": _id(one["id"]), "name": _name(one["name"]), "tiles": [_tile(tile) for tile in one["tiles"]]}


def _tile(one: Mapping[str, Any], *, inside: bool = False) -> Tile:
    kind = one["kind"]
    tile: Tile = {"id": _id(one["id"]), "kind": kind, "label": _name(one.get("label", ""))}
    if one.get("colour"):
        if one["colour"] not in COLOURS:
            raise ValueError("colour")
        tile["colour"] = one["colour"]
    if kind in {"article", "category"}:
        tile["ref"] = str(UUID(one["ref"]))
    elif kind == "function" and one["ref"] in FUNCTIONS:
        tile["ref"] = one["ref"]
    elif kind == "folder" and not inside:
        tile["tiles"] = [_tile(each, inside=True) for each in one["tiles"]]
    else:
        raise ValueError("kind")
    return tile


def _id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError("id")
    return value


def _name(value: str) -> str:
    return " ".join(value.split())[:LONGEST]


def tiles_of(pages: Pages) -> list[Tile]:
    """Give all tiles, a folder before what it holds."""
    top = [tile for page in pages for tile in page["tiles"]]
    return [one for tile in top for one in (tile, *tile.get("tiles", ()))]


def everything(pages: Pages) -> list[dict[str, Any]]:
    """Give everything that has an id."""
    return [*pages, *tiles_of(pages)]


def boxes(pages: Pages) -> list[dict[str, Any]]:
    """Give what can hold tiles, in the order of the pages: each page, then its folders."""
    return [box for page in pages for box in (page, *(one for one in page["tiles"] if one["kind"] == "folder"))]


def references(pages: Pages, kind: str) -> set[UUID]:
    """Name the articles, or the categories, that tiles lead to."""
    return {UUID(one["ref"]) for one in tiles_of(pages) if one["kind"] == kind}


def named(pages: Pages, typed: Mapping[str, str]) -> Pages:
    """Take the names, labels and colours that were typed; fields that are not there change nothing."""
    for one in everything(pages):
        key = "label" if "kind" in one else "name"
        if (said := typed.get(f"{key}-{one['id']}")) is not None:
            one[key] = _name(said)
        if "kind" in one and (colour := typed.get(f"colour-{one['id']}")) is not None:
            one.pop("colour", None)
            if colour and colour in COLOURS:
                one["colour"] = colour
    return pages


def act(pages: Pages, said: str, target: str, fresh: Callable[[], str]) -> Pages:
    """Do what a button of the editor says, "verb:id": moves, removes, adds; what isn't there any more changes nothing.

    Verbs: up, down and out (remove) of a tile or page; before:id:other and after:id:other of a tile; page; article,
    category and function with what they lead to, and folder, into the page or folder `target` (else the last page).
    `fresh` gives a new id.
    """
    verb, _colon, rest = said.partition(":")
    if verb == "page":
        pages.append({"id": fresh(), "name": "", "tiles": []})
    elif verb in {"article", "category", "function", "folder"}:
        _add(pages, verb, rest, target, fresh())
    elif verb in {"before", "after"}:
        moved, _colon, other = rest.partition(":")
        _put_beside(pages, moved, other, 1 if verb == "after" else 0)
    elif (found := _beside(pages, rest)) is not None:
        row, at = found
        if verb == "out" and (row is not pages or len(pages) > 1):
            del row[at]
        to = at + {"up": -1, "down": 1}.get(verb, 0)
        if verb in {"up", "down"} and 0 <= to < len(row):
            row[at], row[to] = row[to], row[at]
    return pages


def _add(pages: Pages, kind: str, ref: str, target: str, id: str) -> None:
    box = next((one for one in boxes(pages) if one["id"] == target), pages[-1])
    if kind == "folder":
        page = next(one for one in pages if box is one or box in one["tiles"])
        page["tiles"].append({"id": id, "kind": kind, "label": "", "tiles": []})
    else:
        box["tiles"].append({"id": id, "kind": kind, "label": "", "ref": ref})


def _beside(pages: Pages, id: str) -> tuple[list[dict[str, Any]], int] | None:
    """Find the list in which something stands, and its place there."""
    for row in (pages, *(box["tiles"] for box in boxes(pages))):
        for at, one in enumerate(row):
            if one["id"] == id:
                return row, at
    return None


def _put_beside(pages: Pages, id: str, other: str, behind: int) -> None:
    """Put a tile before another one, or `behind` it; a folder goes into no folder, and nothing into itself."""
    moved, place = _beside(pages, id), _beside(pages, other)
    if moved is None or place is None or id == other or moved[0] is pages or place[0] is pages:
        return
    tile = moved[0][moved[1]]
    if tile["kind"] == "folder" and not any(place[0] is page["tiles"] for page in pages):
        return
    moved[0].remove(tile)
    place[0].insert(next(at for at, one in enumerate(place[0]) if one["id"] == other) + behind, tile)
