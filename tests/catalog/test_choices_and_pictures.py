"""Choices at the till and pictures of products: kept, changed, taken away; refused with a sentence."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from retail.catalog.products import modifiers, pictures
from retail.catalog.snapshot import snapshot
from retail.kit.ids import new_id
from retail.runtime.db import Database
from tests.support.web import Site, make_site
from tests.support.world import Shop

HTMX = {"HX-Request": "true"}
MILK = {"name": "Milk", "least": "0", "most": "1", "modifiers": "Oat +0.50\nSoy 0,40\nNone\nOwn cup -0.20"} | {
    "takes_off": "on"
}


async def only(shop: Shop) -> modifiers.Group:
    async with shop.db.read(shop.scope) as read:
        found = await modifiers.groups(read)
    assert len(found) == 1
    return found[0]


async def test_a_choice_is_made_changed_and_reaches_the_tills(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products"
    assert (await owner.post(f"{home}/choices", data=MILK)).status_code == 303
    made = await only(shop)
    assert [(one.name, one.price_minor) for one in made.modifiers] == [
        ("Oat", 50), ("Soy", 40), ("None", 0), ("Own cup", -20)
    ]  # fmt: skip
    product = {
        "name": "Latte",
        "sku": "L",
        "price": "3",
        "tax_class": str(shop.reduced),
        "unit": "each",
        "kind": "goods",
    }
    assert (await owner.post(home, data=product | {f"group.{made.id}": "on"})).status_code == 303
    page = (await owner.get(f"{home}/choices/{made.id}/edit")).text
    assert "Oat +0.50" in page
    assert "Own cup -0.20" in page
    async with shop.db.read(shop.scope) as read:
        version = (await snapshot(read, 0))["version"]
    changed = MILK | {"modifiers": "Oat +0.60\nNone", "most": "2"}
    assert (await owner.post(f"{home}/choices/{made.id}", data=changed)).status_code == 303
    after = await only(shop)
    assert [one.id for one in after.modifiers] == [made.modifiers[0].id, made.modifiers[2].id]
    async with shop.db.read(shop.scope) as read:
        delta = await snapshot(read, version)
    assert delta["products"]["name"] == ["Latte"]
    assert delta["traits"] == {"0": {"choices": [str(made.id)]}}
    assert [one["price"] for one in delta["choices"][0]["modifiers"]] == [60, 0]
    kept = await owner.post(f"{home}/choices/{made.id}/removal")
    assert kept.status_code == 303
    assert (await only(shop)).used == 1


WRONG: list[tuple[dict[str, str], str]] = [
    ({"name": ""}, "Fill this in."),
    ({"modifiers": ""}, "Fill this in."),
    ({"modifiers": "Oat +1\noat +2"}, "The same name stands there twice."),
    ({"modifiers": "+1.50"}, "Write one per line"),
    ({"modifiers": "Mayo 0.3"}, "Is it part of the name? Write Mayo 0.3: 0."),
    ({"least": "2", "most": "1"}, "below the least"),
    ({"least": "9", "most": "9"}, "less to choose from"),
    ({"most": "21"}, "The most is 20."),
    ({"least": "x"}, "Type a whole number."),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG, ids=[one[1] for one in WRONG])
async def test_a_choice_that_nobody_could_make_is_refused(
    site: Site, shop: Shop, change: dict[str, str], sentence: str
) -> None:
    owner = await site.member(shop)
    refused = await owner.post(f"/t/{shop.tenant.slug}/products/choices", data=MILK | change)
    assert refused.status_code == 422
    assert sentence in refused.text
    async with shop.db.read(shop.scope) as read:
        assert await modifiers.groups(read) == []


async def test_of_two_who_edit_a_choice_the_second_sees_what_changed(site: Site, shop: Shop) -> None:
    owner = await site.member(shop)
    home = f"/t/{shop.tenant.slug}/products/choices"
    await owner.post(home, data=MILK)
    made = await only(shop)
    form = (await owner.get(f"{home}/{made.id}/edit")).text
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', form)
    assert seen is not None
    was = {f"was.{name}": value for name, value in MILK.items()}
    assert (await owner.post(f"{home}/{made.id}", data=MILK | {"most": "3", "seen": seen[1]})).status_code == 303
    late = await owner.post(f"{home}/{made.id}", data=MILK | was | {"name": "Milks", "seen": seen[1]})
    assert late.status_code == 422
    assert "Somebody has changed this since you opened it" in late.text
    assert 'value="Milks"' in late.text
    assert 'value="3"' in late.text


def photo(colour: str = "red", form: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (2000, 1500), colour).save(made, form)
    return made.getvalue()


def sent(content: bytes, name: str = "photo.png") -> dict[str, Any]:
    return {"picture": (name, content, "image/png")}


@pytest.fixture
def place(db: Database, tmp_path: Path) -> Site:
    return make_site(db, data_dir=tmp_path)


async def test_a_picture_is_kept_in_three_sizes_put_first_and_taken_away(place: Site, shop: Shop) -> None:
    owner = await place.member(shop)
    bread = shop.products[0].id
    home = f"/t/{shop.tenant.slug}/products/{bread}/pictures"
    for colour in ("red", "blue"):
        added = await owner.post(home, files=sent(photo(colour)), headers=HTMX)
        assert added.status_code == 200, added.text
        assert added.text.strip().startswith('<div id="pictures"')
    async with shop.db.read(shop.scope) as read:
        red, blue = await pictures.pictures(read, bread)
        assert await pictures.first_pictures(read, [bread]) == {bread: red.name}
    for side in pictures.SIDES:
        shown = await owner.get(f"/t/{shop.tenant.slug}/products/pictures/{red.name}-{side}.webp")
        assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
        assert max(Image.open(io.BytesIO(shown.content)).size) == side
    assert (await owner.get(f"/t/{shop.tenant.slug}/products/pictures/{red.name}-77.webp")).status_code == 404
    assert (await owner.post(f"{home}/{blue.id}/first", headers=HTMX)).status_code == 200
    async with shop.db.read(shop.scope) as read:
        assert [one.id for one in await pictures.pictures(read, bread)] == [blue.id, red.id]
    assert (await owner.post(f"{home}/{red.id}/removal", headers=HTMX)).status_code == 200
    assert (await owner.get(f"/t/{shop.tenant.slug}/products/pictures/{red.name}-320.webp")).status_code == 404
    assert (await owner.post(f"{home}/{red.id}/removal", headers=HTMX)).status_code == 404


async def test_what_is_no_picture_leaves_nothing_behind(place: Site, shop: Shop, tmp_path: Path) -> None:
    owner = await place.member(shop)
    bread = shop.products[0].id
    home = f"/t/{shop.tenant.slug}/products/{bread}/pictures"
    assert (await owner.post(home, files=sent(photo()), headers=HTMX)).status_code == 200
    for content, status in ((b"<svg onload=x>", 415), (b"\x89PNG\r\n\x1a\n broken", 415), (photo(), 409)):
        refused = await owner.post(home, files=sent(content), headers=HTMX)
        assert refused.status_code == status
    nobody = await owner.post(f"/t/{shop.tenant.slug}/products/{new_id()}/pictures", files=sent(photo("green")))
    assert nobody.status_code == 404
    async with shop.db.read(shop.scope) as read:
        assert len(await pictures.pictures(read, bread)) == 1
    assert len(list((tmp_path / "files" / str(shop.tenant.id)).glob("*.webp"))) == 3
