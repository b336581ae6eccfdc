"""Pictures that rows of products name: files of the ZIP that the table came in, found by their names or paths."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import NotRead
from retail.automation.kinds.base import Reason
from retail.automation.kinds.pictures import sizes_of
from retail.automation.signs import plain, split
from retail.catalog.products.pictures import MOST_PICTURES, Adopted, EnoughPictures
from retail.kit.text import _

_NAMESPACE: Final = UUID("5b1d1a1e-2f0c-4c3b-9f0a-6f6c8b0d7e43")


@dataclass(frozen=True, slots=True)
class Came:
    """A file that came: the sum of its bytes, and why it can't be used."""

    sha256: str
    note: str


@dataclass(frozen=True, slots=True)
class NamedPictures:
    """What came in a table's ZIP. `folder` None: the table came alone."""

    folder: Path | None = None
    by_path: dict[str, Came] = field(default_factory=dict)
    by_name: dict[str, list[Came]] = field(default_factory=dict)

    def find(self, name: str) -> Came:
        """Give the file of a name, or of a path. Raises NotRead."""
        key = _key(name)
        if key in self.by_path:
            return self.by_path[key]
        found = self.by_name.get(key, [])
        if len({one.sha256 for one in found}) > 1:
            said = _("The ZIP holds several files called %(name)s. Write the folder too, as in spring/%(name)s.")
            raise NotRead(said % {"name": name})
        if found:
            return found[0]
        if self.folder is None:
            said = _("No picture %(name)s came with this file. Hand in one ZIP with the table and its pictures.")
            raise NotRead(said % {"name": name})
        raise NotRead(_("There is no picture %(name)s in the ZIP.") % {"name": name})

    def ids(self, product: UUID, cell: str) -> Iterable[UUID]:
        """Give the ids that pictures named in a cell have, or would have, as a product's."""
        for name in map(plain, split(cell, "|")):
            try:
                yield id_of(product, self.find(name).sha256)
            except NotRead:
                continue

    def adopted(self, product: UUID, sha256: str) -> Adopted:
        """Make of a file that came a picture of a product's. Raises LookupError where the table came alone."""
        if self.folder is None:
            raise LookupError("no picture came with this table")
        return Adopted(product, id_of(product, sha256), bytes.fromhex(sha256), sizes_of(self.folder, sha256))


def join(values: dict[str, Any], present: Mapping[str, Any] | None, product: UUID, came: NamedPictures) -> list[Reason]:
    """Find the files that a row's values name: they join the pictures that the product has, each once.

    Sets `images` to all of them and `adopted` to the new ones; gives what is wrong.
    """
    had: tuple[str, ...] = present["images"] if present is not None else ()
    sums = set(present["sums"]) if present is not None else set()
    new: list[str] = []
    values["adopted"] = []
    for name in values["images"]:
        if name in had:
            continue
        try:
            found = came.find(name)
        except NotRead as wrong:
            return [Reason("images", str(wrong))]
        if found.note:
            return [Reason("images", f"{name}: {found.note}")]
        if found.sha256 not in sums:
            sums.add(found.sha256)
            new.append(name)
            values["adopted"].append(came.adopted(product, found.sha256))
    values["images"] = (*had, *new)
    return [Reason("images", EnoughPictures().sentence())] if new and len(had) + len(new) > MOST_PICTURES else []


def id_of(product: UUID, sha256: str) -> UUID:
    """Give the id of a file as a product's picture: the same however often it comes."""
    return uuid.uuid5(_NAMESPACE, f"{product}/{sha256}")


def index_of(folder: Path) -> Path:
    """Name the file that says what came."""
    return folder / "index.json"


def named_in(folder: Path) -> NamedPictures:
    """Read what came with a table; blocks."""
    if not index_of(folder).is_file():
        return NamedPictures()
    by_path: dict[str, Came] = {}
    by_name: defaultdict[str, list[Came]] = defaultdict(list)
    for name, _size, sha256, note in json.loads(index_of(folder).read_text(encoding="utf-8")):
        came = Came(sha256, note)
        by_path[_key(name)] = came
        by_name[PurePosixPath(_key(name)).name].append(came)
    return NamedPictures(folder, by_path, dict(by_name))


def _key(name: str) -> str:
    return name.replace("\\", "/").removeprefix("./").strip().casefold()
