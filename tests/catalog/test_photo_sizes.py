"""Large photos are made smaller in the browser before they are sent; what can't be is refused in a picture's words."""

from __future__ import annotations

import io
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from retail.catalog.products import pictures
from retail.runtime.db import Database
from retail.runtime.web.uploads import MOST_BYTES
from tests.support.web import Site, make_site
from tests.support.world import Shop


@pytest.fixture
async def site(db: Database, tmp_path: Path) -> AsyncIterator[Site]:
    made = make_site(db, data_dir=tmp_path)
    yield made
    await made.close()


def noise(width: int, height: int) -> bytes:
    """A picture that doesn't get smaller by being packed."""
    made = io.BytesIO()
    Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3)).save(
        made, "PNG", compress_level=0
    )
    return made.getvalue()


async def test_a_photo_of_a_phone_is_made_smaller_and_kept(shop: Shop, office: Page) -> None:
    bread = shop.products[0].id
    await office.goto(f"/t/{shop.tenant.slug}/products/{bread}")
    large = noise(1750, 1250)  # wider than is kept, and more bytes than may be sent: larger shows nothing more
    assert len(large) > MOST_BYTES
    async with office.expect_request(lambda one: one.url.endswith("/pictures")) as sent:
        file = {"name": "large.png", "mimeType": "image/png", "buffer": large}
        await office.locator("#picture-file").set_input_files(file)  # type: ignore[arg-type]
    assert len((await sent.value).post_data_buffer or b"") < MOST_BYTES
    await expect(office.locator("#pictures .gallery li")).to_have_count(1)
    async with shop.db.read(shop.scope) as read:
        assert len(await pictures.pictures(read, bread)) == 1
    file = {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES + 200_000)}
    await office.locator("#picture-photo").set_input_files(file)  # type: ignore[arg-type]
    await expect(office.get_by_text("This picture is too large. Use one of at most 5 MB")).to_be_visible()


async def test_the_same_picture_once_more_is_told(shop: Shop, office: Page) -> None:
    bread = shop.products[0].id
    await office.goto(f"/t/{shop.tenant.slug}/products/{bread}")
    for size in ((60, 40), (720, 540)):
        file = {"name": "one.png", "mimeType": "image/png", "buffer": noise(*size)}
        await office.locator("#picture-file").set_input_files(file)  # type: ignore[arg-type]
        await expect(office.locator("#pictures .gallery li")).to_have_count(1 if size[0] == 60 else 2)
        await office.locator("#picture-file").set_input_files(file)  # type: ignore[arg-type]
        await expect(office.get_by_text("The product has this picture already.")).to_be_visible()
        await office.reload()
        await expect(office.locator("#pictures .gallery li")).to_have_count(1 if size[0] == 60 else 2)
