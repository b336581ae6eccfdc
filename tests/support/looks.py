"""An operator who looks at a business, begun on the page as every look is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import httpx

from tests.support.web import Site, enrol_operator
from tests.support.world import Shop

REASON = "Asked for by letter 4711"


@dataclass(frozen=True)
class Looker:
    """An operator with a browser and the secret of the session in it."""

    person: UUID
    secret: str
    browser: httpx.AsyncClient


async def an_operator(site: Site) -> Looker:
    """Give an operator who has proved just now that it is them, and looks at nothing."""
    person, _email, secret = await enrol_operator(site.db)
    return Looker(person, secret, site.visitor(secret))


async def a_looker(site: Site, shop: Shop, minutes: int = 30) -> Looker:
    """Give an operator who looks at a shop."""
    made = await an_operator(site)
    begun = await made.browser.post(
        f"/platform/businesses/{shop.tenant.slug}/look", data={"reason": REASON, "minutes": str(minutes)}
    )
    assert (begun.status_code, begun.headers["location"]) == (303, f"/t/{shop.tenant.slug}/"), begun.text
    return made
