"""Pictures of products: kept on the business's shelf in three sizes, the first one stands for the product."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg

from retail.catalog.events import CatalogueChanged
from retail.catalog.products.versions import next_version
from retail.kit.errors import Conflict, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Database, Read, Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.uploads import Shelf, smaller
from retail.settings import Settings, settings_of_process

SIDES: Final = (96, 320, 1024)
MOST_PICTURES: Final = 12


_ADOPT: Final = """
INSERT INTO product_image (tenant_id, id, product_id, position, name, sha256, created_at)
SELECT $1, u.id, u.product_id,
       coalesce((SELECT max(i.position) FROM product_image i WHERE i.tenant_id = $1 AND i.product_id = u.product_id), 0)
         + row_number() OVER (PARTITION BY u.product_id ORDER BY u.place),
       u.name, u.sha256, $6
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bytea[]) WITH ORDINALITY
       AS u (id, product_id, name, sha256, place)
"""


class EnoughPictures(Conflict):
    """The product has as many pictures as there may be."""

    code = "enough_pictures"

    def sentence(self) -> str:
        """Say what to do."""
        return _("A product has at most %(most)d pictures. Remove one first.") % {"most": MOST_PICTURES}


class PictureTaken(Conflict):
    """The product has this very picture."""

    code = "picture_taken"

    def sentence(self) -> str:
        """Say so."""
        return _("The product has this picture already.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture; `name` is in the address of its sizes."""

    id: UUID
    name: str


async def pictures(read: Read, product: UUID) -> list[Picture]:
    """Give a product's pictures, the one that stands for it first."""
    rows = await read.fetch(
        "SELECT id, name FROM product_image WHERE tenant_id = $1 AND product_id = $2 ORDER BY position, id",
        read.tenant,
        product,
    )
    return [Picture(*row) for row in rows]


async def first_pictures(read: Read, products: Sequence[UUID]) -> dict[UUID, str]:
    """Give the name of the first picture of each product that has one."""
    rows = await read.fetch(
        """SELECT DISTINCT ON (product_id) product_id, name FROM product_image
            WHERE tenant_id = $1 AND product_id = ANY ($2::uuid[]) ORDER BY product_id, position, id""",
        read.tenant,
        list(products),
    )
    return {row["product_id"]: row["name"] for row in rows}


async def keep(db: Database, scope: Scope, settings: Settings, product: UUID, content: bytes) -> Picture:
    """Make a file's sizes and give them to a product, as its last picture; `content` has been looked at by a scanner.

    Raises NotAPicture, PictureTooLarge, NoRoom, Busy, NotFound, EnoughPictures, PictureTaken. What was refused leaves
    no file behind.
    """
    made = await smaller(content, SIDES)
    id, shelf = new_id(), Shelf(settings, scope.tenant)
    name = await asyncio.to_thread(shelf.put, dict(zip(SIDES, made, strict=True)), pointer(id))
    try:
        await db.run(scope, _add, product, Picture(id, name), hashlib.sha256(content).digest())
    except BaseException:
        await asyncio.to_thread(shelf.take, pointer(id))
        raise
    return Picture(id, name)


async def take_away(db: Database, scope: Scope, settings: Settings, product: UUID, id: UUID) -> None:
    """Take a picture away, and its files after it. Raises NotFound."""
    await db.run(scope, _remove, product, id)
    await asyncio.to_thread(Shelf(settings, scope.tenant).take, pointer(id))


async def put_first(tx: Tx, product: UUID, id: UUID) -> None:
    """Have a picture stand for its product. Raises NotFound."""
    version = await next_version(tx)
    tag = await tx.execute(
        """UPDATE product_image i SET position = (SELECT min(o.position) - 1 FROM product_image o
                                                   WHERE o.tenant_id = $1 AND o.product_id = $2)
            WHERE i.tenant_id = $1 AND i.product_id = $2 AND i.id = $3""",
        tx.tenant,
        product,
        id,
    )
    if tag != "UPDATE 1":
        raise NotFound("picture")
    await _told(tx, "product.picture_first", product, id, version)


def pointer(id: UUID) -> str:
    """Name the file that leads to a picture's sizes."""
    return f"product-{id}"


async def _add(tx: Tx, product: UUID, made: Picture, sha256: bytes) -> None:
    version = await next_version(tx)
    row = await tx.fetchrow(
        """SELECT count(i.id) AS kept, coalesce(max(i.position), 0) AS last
             FROM product p LEFT JOIN product_image i ON i.tenant_id = $1 AND i.product_id = p.id
            WHERE p.tenant_id = $1 AND p.id = $2 GROUP BY p.id""",
        tx.tenant,
        product,
    )
    if row is None:
        raise NotFound("product")
    if row["kept"] >= MOST_PICTURES:
        raise EnoughPictures
    try:
        async with tx.savepoint():
            await tx.execute(
                """INSERT INTO product_image (tenant_id, id, product_id, position, name, sha256, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)""",
                tx.tenant,
                made.id,
                product,
                row["last"] + 1,
                made.name,
                sha256,
                tx.now,
            )
    except asyncpg.UniqueViolationError as taken:
        raise PictureTaken from taken
    await _told(tx, "product.picture_added", product, made.id, version)


@dataclass(frozen=True, slots=True)
class Adopted:
    """A picture whose sizes have been made: whose it is, its id, the sum of the bytes as they were sent, its files."""

    product: UUID
    id: UUID
    sha256: bytes
    files: Mapping[int, Path]


async def adopt(tx: Tx, made: Sequence[Adopted]) -> None:
    """Give pictures that have been made to their products, each behind those that it has, in their order.

    Locks the catalogue. Raises NoRoom. Where the transaction fails their files stay on the shelf: whoever calls this
    takes them off again by their pointers.
    """
    version = await next_version(tx)
    shelf = Shelf(settings_of_process(), tx.tenant)
    names = await asyncio.to_thread(shelf.adopt, [(dict(one.files), pointer(one.id)) for one in made])
    await tx.execute(
        _ADOPT, tx.tenant, [one.id for one in made], [one.product for one in made], names,
        [one.sha256 for one in made], tx.now,
    )  # fmt: skip
    await tx.execute(
        "UPDATE product SET version = $3, updated_at = $4 WHERE tenant_id = $1 AND id = ANY($2)",
        tx.tenant, list({one.product for one in made}), version, tx.now,
    )  # fmt: skip
    for one in made:
        tx.audit("product.picture_added", "product", one.product, picture=one.id, version=version)
    tx.emit(CatalogueChanged(version))


async def _remove(tx: Tx, product: UUID, id: UUID) -> None:
    version = await next_version(tx)
    tag = await tx.execute(
        "DELETE FROM product_image WHERE tenant_id = $1 AND product_id = $2 AND id = $3", tx.tenant, product, id
    )
    if tag != "DELETE 1":
        raise NotFound("picture")
    await _told(tx, "product.picture_removed", product, id, version)


async def _told(tx: Tx, /, action: str, product: UUID, picture: UUID, version: int) -> None:
    """Give the product the new version, so that whoever shows it hears of it, and record what was done."""
    await tx.execute(
        "UPDATE product SET version = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        product,
        version,
        tx.now,
    )
    tx.audit(action, "product", product, picture=picture, version=version)
    tx.emit(CatalogueChanged(version))
