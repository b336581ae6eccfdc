"""What a SKU means, everywhere: the product that is written just so, else the only one in other upper and lower case.

No two come up that differ in case alone; a business that has such two from before keeps them.

`product.small_sku` is the SKU in the database's small letters; it has an index, which lower() has not behind the wall
between tenants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from uuid import UUID

from retail.catalog.errors import SkuTaken
from retail.kit.text import _
from retail.runtime.db import Tx

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

ALIKE: Final = "p.small_sku = ANY (ARRAY(SELECT lower(t) FROM unnest($2::text[]) t))"
"""The condition on `product p` to have one of the SKUs $2, in whatever case."""

MEANT: Final = """(SELECT (array_agg(s.id ORDER BY s.sku = {0} DESC))[1] FROM product s
                    WHERE s.tenant_id = $1 AND s.small_sku = lower({0}) HAVING count(*) = 1 OR bool_or(s.sku = {0}))"""
"""The id of the product that a SKU means, on sale or off; NULL where there is none, or several and none just so."""

_TAKEN: Final = """
SELECT p.id, p.sku, p.name FROM unnest($2::text[]) AS u (sku)
  JOIN product p ON p.tenant_id = $1 AND p.small_sku = lower(u.sku) AND p.id <> ALL ($3::uuid[])
 LIMIT 1
"""


class Named(Protocol):
    """What is about to be stored with a SKU."""

    @property
    def id(self) -> UUID: ...  # noqa: D102
    @property
    def sku(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


def small(sku: str) -> str:
    """Write a SKU in small letters, sign by sign as the database does it."""
    return sku.lower() if sku.isascii() else "".join(one.lower()[0] for one in sku)


class BySku(dict[str, T]):
    """Things by their SKUs as they are written; `meant` finds one that is asked for in another case too."""

    def __init__(self) -> None:
        super().__init__()
        self._spellings: dict[str, tuple[str, ...]] = {}

    def __setitem__(self, sku: str, thing: T) -> None:
        if sku not in self:
            key = small(sku)
            self._spellings[key] = (*self._spellings.get(key, ()), sku)
        super().__setitem__(sku, thing)

    def alike(self, sku: str) -> tuple[str, ...]:
        """Give all SKUs that are this one in whatever case."""
        return self._spellings.get(small(sku), ())

    def spelt(self, sku: str) -> str:
        """Give the SKU that is meant as it is written there; '' where there is none, or several and none just so."""
        found = self.alike(sku)
        return sku if sku in self else found[0] if len(found) == 1 else ""

    def meant(self, sku: str) -> T | None:
        """Give what is under the SKU that is meant."""
        return self.get(self.spelt(sku))

    def problem(self, sku: str) -> str:
        """Say why a SKU means nothing."""
        found = self.alike(sku)
        if not found:
            return _("There is no product with this SKU.")
        said = _("Several products have this SKU in another case: %(skus)s. Write it just as the one that you mean.")
        return said % {"skus": ", ".join(sorted(found))}


def called(there: str, written: str) -> str:
    """Name a product of a file by its SKU; where the file writes it in another case, that too."""
    if there == written:
        return there
    return _("%(sku)s (%(written)s in the file)") % {"sku": there, "written": written}


async def refuse_alike(tx: Tx, drafts: Sequence[Named], before: Mapping[UUID, Mapping[str, object]]) -> None:
    """Refuse a SKU that another product has, in whatever case; those that stay as they are in `before` are let be.

    Runs behind the catalogue's lock. Raises SkuTaken.
    """
    fresh = [one for one in drafts if before.get(one.id, {}).get("sku") != one.sku]
    if not fresh:
        return
    owners: dict[str, Named] = {}
    for one in sorted(drafts, key=lambda one: before.get(one.id, {}).get("sku") != one.sku):
        other = owners.setdefault(small(one.sku), one)
        if other.id != one.id and before.get(one.id, {}).get("sku") != one.sku:
            raise SkuTaken(one.sku, other.sku, other.name)
    taken = await tx.fetchrow(_TAKEN, tx.tenant, [one.sku for one in fresh], [one.id for one in drafts])
    if taken is not None:
        wanted = next((one.sku for one in fresh if small(one.sku) == small(taken["sku"])), taken["sku"])
        raise SkuTaken(wanted, taken["sku"], taken["name"], taken["id"])
