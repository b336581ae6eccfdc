"""Pictures of products as rows: a file of a ZIP is its product's by its name, or by the folder that it lies in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final
from uuid import UUID

from retail.automation.cells import Ways, text
from retail.automation.columns import Column, said
from retail.automation.kinds.base import Change, Given, Reason, Settled, Terms, Verdict
from retail.catalog.codes.skus import ALIKE, BySku
from retail.catalog.operations import lock_catalogue
from retail.catalog.products.pictures import MOST_PICTURES, SIDES, Adopted, EnoughPictures, adopt
from retail.identity.permissions import EDIT_CATALOGUE
from retail.kit.barcode import normalise
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read, Row, Tx

PICTURES: Final = "pictures"
HEADER: Final = ("file", "bytes", "sha256", "note")
"""What is noted of each file of a ZIP, in this order; `note` says why it can't be used."""
COLUMNS: Final = (
    Column(
        "file", said("File"), text(300),
        said("Name it as the product's SKU or barcode, TEA-1.jpg, with a number for more of them, TEA-1-2.jpg; or put"
             " it in a folder of that name. JPEG, PNG or WebP, 5 MB and 24 megapixels at most."),
    ),
    Column("bytes", said("Bytes"), text(20), said("Only for you to read; it changes nothing."), key=True),
)  # fmt: skip
_NUMBERED: Final = re.compile(r"(.+?)(?:[-_ ]+[0-9]{1,3}| ?\([0-9]{1,3}\))")
_KNOWN: Final = f"""
SELECT p.id, p.sku, p.name,
       ARRAY(SELECT b.normalised FROM barcode b WHERE b.tenant_id = $1 AND b.product_id = p.id) AS codes,
       ARRAY(SELECT encode(i.sha256, 'hex') FROM product_image i
              WHERE i.tenant_id = $1 AND i.product_id = p.id) AS pictures
  FROM product p
 WHERE p.tenant_id = $1
   AND ({ALIKE}
        OR p.id IN (SELECT b.product_id FROM barcode b WHERE b.tenant_id = $1 AND b.normalised = ANY($3)))
"""  # noqa: S608


@dataclass(slots=True)
class Known:
    """What names may mean: products by SKU and by barcode."""

    by_sku: BySku[Row] = field(default_factory=BySku)
    by_code: dict[str, Row] = field(default_factory=dict)

    def product(self, file: str) -> Row | None:
        """Tell whose picture a file is."""
        for name in names_in(file):
            found = self.by_sku.meant(name) or self.by_code.get(normalise(name))
            if found is not None:
                return found
        return None


@dataclass(slots=True)
class Seen:
    """Pictures that earlier rows of the file give to a product, by the sums of their bytes."""

    given: dict[UUID, set[str]] = field(default_factory=dict)


def names_in(file: str) -> list[str]:
    """Give the names that may be a SKU or a barcode: the file's own, without a number behind it, then its folders'."""
    parts = [part.strip() for part in PurePosixPath(file.replace("\\", "/")).parts]
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    numbered = _NUMBERED.fullmatch(stem)
    own = [stem, *([numbered[1]] if numbered else [])]
    return [name for name in (*own, *reversed(parts[:-1])) if name.strip("./ ")]


class Pictures:
    """Rows of pictures; each was looked at and made small before it is judged (imports/pictures.py)."""

    name: str = PICTURES
    label: str = said("Product pictures (ZIP)")
    columns: tuple[Column, ...] = COLUMNS
    permission: str = EDIT_CATALOGUE
    matches: tuple[str, ...] = ("sku",)

    def begin(self) -> Seen:
        """Begin to remember rows."""
        return Seen()

    async def known(self, read: Read, given: Sequence[Given], _terms: Terms) -> Known:
        """Read which products the files may mean, and which pictures they have."""
        names = {name for row in given for name in names_in(row.cells["file"])}
        codes = {normalise(name) for name in names}
        found = Known()
        for row in await read.fetch(_KNOWN, read.tenant, list(names), list(codes)):
            found.by_sku[row["sku"]] = row
            found.by_code |= dict.fromkeys(row["codes"], row)
        return found

    def judge(self, given: Sequence[Given], known: Known, terms: Terms, seen: Seen) -> list[Verdict]:
        """Say of each file whose it is, or why it is nobody's."""
        if terms.final:  # what earlier rows gave is in the tables by now
            seen.given.clear()
        return [_judge(row, known, terms, seen) for row in given]

    async def settle(self, _read: Read, _seen: Seen) -> Settled:
        """Find nothing more: rows don't refer to each other."""
        return Settled({}, {}, {})

    async def lock(self, tx: Tx) -> None:
        """Have the catalogue to oneself."""
        await lock_catalogue(tx)

    async def store(self, tx: Tx, verdicts: Sequence[Verdict], _known: Known) -> None:
        """Put the pictures on the business's shelf and give them to their products."""
        await adopt(tx, [one.made for one in verdicts])

    def chosen(self, _read: Read, _narrowed: Conditions | None) -> tuple[str, Sequence[Any]]:
        """Read nothing."""
        return "SELECT WHERE false", ()

    async def listed(self, _read: Read, _ways: Ways, _narrowed: Conditions | None) -> AsyncIterator[list[str]]:
        """Give nothing: pictures go out with a business's export."""
        nothing: list[list[str]] = []
        for row in nothing:
            yield row


def sizes_of(folder: Path, sha256: str) -> dict[int, Path]:
    """Name the files of a picture that was made small."""
    return {side: folder / f"{sha256}-{side}.webp" for side in SIDES}


def _judge(row: Given, known: Known, terms: Terms, seen: Seen) -> Verdict:
    file, sha256 = row.cells["file"], row.cells["sha256"]
    verdict = Verdict(row.line, "refused", file)
    product = known.product(file)
    if row.cells["note"]:
        verdict.reasons.append(Reason("file", row.cells["note"]))
    if product is None:
        said_so = _("No product has this SKU or barcode. Name the file as one, like TEA-1.jpg or TEA-1-2.jpg.")
        said_so = next((known.by_sku.problem(one) for one in names_in(file) if known.by_sku.alike(one)), said_so)
        verdict.reasons.append(Reason("file", said_so))
    if product is None or verdict.reasons:
        return verdict
    verdict.name = f"{file} \u2192 {product['sku']}"
    verdict.changes = [Change("file", "", f"{product['sku']} {product['name']}")]
    given = seen.given.setdefault(product["id"], set())
    if sha256 in product["pictures"] or sha256 in given:
        verdict.state, verdict.changes = "same", []
    elif len(product["pictures"]) + len(given) >= MOST_PICTURES:
        verdict.reasons.append(Reason("file", EnoughPictures().sentence()))
    else:
        given.add(sha256)
        verdict.state, verdict.subject = "new", row.subject or new_id()
        assert terms.folder is not None  # noqa: S101 - a ZIP has been looked at before it is judged
        verdict.made = Adopted(product["id"], verdict.subject, bytes.fromhex(sha256), sizes_of(terms.folder, sha256))
    return verdict
