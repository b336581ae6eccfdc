"""Finding the business that a command names."""

from __future__ import annotations

from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.db import Database
from retail.runtime.tenancy import TenantFacts
from retail.tenants.queries import tenant_by_slug


class NoSuchBusiness(NotFound):
    """No business has this address."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug

    def sentence(self) -> str:
        """Say what to do."""
        return _("There is no business “%(slug)s”. `countertop check` lists all of them.") % {"slug": self.slug}


async def business(db: Database, slug: str) -> TenantFacts:
    """Find a business by its address. Raises NoSuchBusiness."""
    async with db.platform() as unit:
        facts = await tenant_by_slug(unit, slug)
    if facts is None:
        raise NoSuchBusiness(slug)
    return facts
