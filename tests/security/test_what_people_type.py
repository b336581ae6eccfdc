"""Whatever people type stays text: shown as it was typed, decoded once, never run as markup, template or format."""

from __future__ import annotations

import html
import json
import re

import pytest

from retail.runtime.web.pages import environment
from tests.support.callers import ROOT
from tests.support.web import Site
from tests.support.world import Shop

CANARIES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</title><svg onload=alert(1)>",
    "{{7*7}}",
    "{% if 1 %}ran{% endif %}",
    "${7*7}",
    "{0.__class__}",
    "%(name)s %s",
    "[x](javascript:alert(1))",
]


async def rename(shop: Shop, name: str) -> None:
    """Put a text wherever pages show names that people typed."""
    async with shop.db.begin(shop.scope) as tx:
        for table in ("product", "category", "store", "till", "tax_class", "membership"):
            await tx.execute(f"UPDATE {table} SET name = $2 WHERE tenant_id = $1", tx.tenant, name)
        await tx.execute("UPDATE tenant SET name = $2 WHERE id = $1", tx.tenant, name)


@pytest.mark.parametrize("typed", CANARIES)
async def test_what_is_typed_is_shown_as_typed_and_never_runs(site: Site, shop: Shop, typed: str) -> None:
    owner = await site.member(shop)
    await rename(shop, typed)
    shown = 0
    for path in ("/", "/products", "/stock", "/stores", "/tills", "/people", "/shifts", "/sales", "/devices"):
        text = (await owner.get(f"/t/{shop.tenant.slug}{path}")).text
        shown += html.escape(typed).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in text
        if "<" in typed:
            assert typed not in text, path
        assert not re.search(r"\bon(error|load)=alert", re.sub(r"&lt;.*?&gt;", "", text)), path
    assert shown > 4, "the text is there to be seen"
    answer = await owner.get(f"/t/{shop.tenant.slug}/api/v1/products")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["items"][0]["name"] == typed


def test_no_template_turns_escaping_off() -> None:
    assert environment().autoescape is True
    pages = list((ROOT / "templates").rglob("*.html"))
    assert len(pages) > 50
    off = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(")
    assert [path.name for path in pages if off.search(path.read_text())] == []


async def test_what_looks_encoded_twice_is_decoded_once(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    base = f"/t/{shop.tenant.slug}"
    page = (await owner.get(f"{base}/products?q=%252e%2526amp%253Blt%253B")).text
    assert "%2e%26amp%3Blt%3B" in page
    await rename(shop, "&amp;lt; %2527")
    page = (await owner.get(f"{base}/products")).text
    assert "&amp;amp;lt; %2527" in page


async def test_of_a_field_that_comes_twice_one_counts_everywhere_the_same(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    base = f"/t/{shop.tenant.slug}"
    page = (await owner.get(f"{base}/products?q=firstword&q=lastword")).text
    assert "lastword" in page
    assert "firstword" not in page
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refused = await owner.post("/sign-in", content="email=first@x.test&email=last@x.test&password=x", headers=headers)
    assert refused.status_code == 401
    assert "last@x.test" in refused.text
    assert "first@x.test" not in refused.text
    twice = ', "audience": "urn:last", "scope": ["nothing"], "scope": ["view_catalogue"]}'
    body = json.dumps({"audience": "x"})[:-1] + twice
    answer = await owner.post(f"{base}/api/v1/auth/jwt", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {200, 201}, answer.text
