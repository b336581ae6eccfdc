"""The macros that all templates import: made once for a page, of words that no template sets."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from jinja2 import meta, nodes
from jinja2.environment import Template, TemplateModule

from retail.runtime.web.libraries import LIBRARIES
from retail.runtime.web.pages import TEMPLATES, environment
from tests.support.web import Site
from tests.support.world import Shop


async def test_a_page_makes_each_library_once(site: Site, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made: Counter[str | None] = Counter()
    plain = TemplateModule.__init__

    def counted(self: TemplateModule, template: Template, *rest: Any) -> None:
        made[template.name] += 1
        plain(self, template, *rest)

    monkeypatch.setattr(TemplateModule, "__init__", counted)
    owner = await site.member(shop)
    for path in ("/products", "/nowhere"):
        made.clear()
        answer = await owner.get(f"/t/{shop.tenant.slug}{path}", headers={"Accept": "text/html"})
        assert answer.text.lstrip().lower().startswith("<!doctype html>"), answer.text[:200]
        assert {name: made[name] for name in LIBRARIES if made[name] > 1} == {}
        assert made["shared/macros.html"] == made["shared/icon.html"] == 1


async def test_each_page_has_its_own_words(site: Site, shop: Shop) -> None:
    [name] = [one.name for one in shop.products[:1]]
    texts = []
    for other in (False, True):
        visitor = await site.member(shop)
        answer = await visitor.get(f"/t/{shop.tenant.slug}/products", params={"q": "nobody" if other else name})
        texts.append(answer.text)
    assert name in texts[0]
    assert name not in texts[1].replace("q=", "")


def test_no_template_sets_what_a_library_takes_from_the_page() -> None:
    made, needs, own = environment(), set(), set()
    sets: dict[str, set[str]] = {}
    for file in TEMPLATES.rglob("*.html"):
        name = file.relative_to(TEMPLATES).as_posix()
        tree = made.parse(file.read_text())
        stored = {one.name for one in tree.find_all(nodes.Name) if one.ctx != "load"}
        if name in LIBRARIES:
            needs |= meta.find_undeclared_variables(tree)
            own |= stored
        else:
            sets[name] = stored
    assert {"asset", "url", "money", "was"} <= needs - own
    assert {name: found for name, of_page in sets.items() if (found := of_page & (needs - own))} == {}
