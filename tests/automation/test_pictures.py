"""Pictures by ZIP: whose each is, what is refused and why, and that nothing is left of what wasn't stored."""

from __future__ import annotations

import asyncio
import contextvars
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from retail.automation.files import zip_files
from retail.automation.imports import operations
from retail.automation.imports.files import folder_of
from retail.automation.imports.handing import look
from retail.automation.kinds import pictures as kind
from retail.automation.kinds.pictures import PICTURES, names_in
from retail.kit.errors import Invalid
from retail.runtime.web import uploads
from retail.settings import Settings
from tests.automation.conftest import Exchange
from tests.support.web import Site
from tests.support.working import work_off


def picture(colour: str, form: str = "PNG", side: int = 20) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(made, form)
    return made.getvalue()


def packed(files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than anybody has memory for."""

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0" * 1000)) + part(b"IEND", b"")


async def checked(exchange: Exchange, content: bytes) -> Any:
    run = await exchange.hand_in_pictures(content)
    return await exchange.work_off(run.id)


async def kept(exchange: Exchange) -> list[tuple[str, int]]:
    rows = await exchange.fetch(
        """SELECT p.sku, count(*) AS pictures FROM product_image i
             JOIN product p ON p.tenant_id = i.tenant_id AND p.id = i.product_id
            WHERE i.tenant_id = $1 GROUP BY p.sku ORDER BY p.sku"""
    )
    return [(row["sku"], row["pictures"]) for row in rows]


def on_disk(settings: Settings, exchange: Exchange) -> tuple[int, int]:
    """Count the files of pictures on the business's shelf, and what imports left."""
    tenant = exchange.shop.tenant.id
    shelf, left = settings.data_dir / "files" / str(tenant), folder_of(settings, tenant)
    return len(list(shelf.glob("*.webp"))), len(list(left.iterdir())) if left.is_dir() else 0


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("TEA-1.jpg", ["TEA-1", "TEA"]), ("TEA-1-2.png", ["TEA-1-2", "TEA-1"]), ("TEA (3).webp", ["TEA (3)", "TEA"]),
        ("all/TEA/front.jpg", ["front", "TEA", "all"]), ("../../etc/TEA.png", ["TEA", "etc"]),
        ("C:\\pics\\TEA.png", ["TEA", "pics", "C:"]), ("/TEA.png", ["TEA"]), ("noend", ["noend"]),
    ],
)  # fmt: skip
def test_a_file_is_named_by_itself_or_its_folders(file: str, names: list[str]) -> None:
    assert names_in(file) == names


async def test_pictures_find_their_products_and_the_same_again_changes_nothing(
    exchange: Exchange, settings: Settings
) -> None:
    first, second = exchange.shop.products[:2]
    content = packed({
        f"{first.sku}.png": picture("red"), f"{first.sku}-2.jpg": picture("green", "JPEG"),
        f"photos/{second.barcode}/front.webp": picture("blue", "WEBP"),
        "__MACOSX/._x.png": b"x", "photos/.DS_Store": b"x", f"zz/{first.sku}.png": picture("red"),
    })  # fmt: skip
    run = await checked(exchange, content)
    assert (run.stage, run.new_count, run.same_count, run.refused_count) == ("checked", 3, 1, 0)
    assert await kept(exchange) == []
    assert on_disk(settings, exchange)[0] == 0
    rows = await exchange.rows(run.id, "new")
    assert {row.name for row in rows} == {
        f"{first.sku}.png \u2192 {first.sku}", f"{first.sku}-2.jpg \u2192 {first.sku}",
        f"photos/{second.barcode}/front.webp \u2192 {second.sku}",
    }  # fmt: skip
    run = await exchange.store(run.id)
    assert (run.stage, run.stored_count) == ("done", 3)
    assert await kept(exchange) == [(first.sku, 2), (second.sku, 1)]
    assert on_disk(settings, exchange) == (9, 0)
    again = await checked(exchange, content)
    assert (again.same_count, again.to_store) == (4, 0)
    told = await exchange.fetch("SELECT 1 FROM audit_event WHERE tenant_id = $1 AND action = 'product.picture_added'")
    assert len(told) == 3


async def test_what_is_refused_says_why_and_the_rest_is_stored(
    exchange: Exchange, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "MOST_PICTURES", 2)
    sku = exchange.shop.products[0].sku
    run = await checked(exchange, packed({
        f"{sku}.png": picture("red"), f"{sku}-2.png": picture("green"), f"{sku}-3.png": picture("blue"),
        "nobody.png": picture("black"), f"a/{sku}.png": b"no picture", f"b/{sku}.png": bomb(60_000, 60_000),
        f"c/{sku}.svg": b"<svg/>", f"d/{sku}.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 6_000_000,
    }))  # fmt: skip
    refused = {row.name: row.reasons[0].sentence for row in await exchange.rows(run.id, "refused")}
    assert {name: said.split(".")[0] for name, said in refused.items()} == {
        f"{sku}-3.png \u2192 {sku}": "A product has at most 12 pictures",
        "nobody.png": "No product has this SKU or barcode",
        f"a/{sku}.png": "This can't be used as a picture",
        f"b/{sku}.png": "This picture is too large",
        f"c/{sku}.svg": "This can't be used as a picture",
        f"d/{sku}.png": "This picture is too large",
    }
    with pytest.raises(Invalid):
        await exchange.store(run.id, whole=True)
    assert (await kept(exchange), on_disk(settings, exchange)[0]) == ([], 0)
    run = await exchange.store(run.id, whole=False)
    assert (run.stage, run.stored_count, await kept(exchange)) == ("done", 2, [(sku, 2)])
    assert on_disk(settings, exchange) == (6, 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed({}), "neither a CSV"),
        (packed({"folder/": b"", ".hidden": b"x"}), "no picture"),
        (packed({"a.png": b"x"})[:-30], "damaged"),
        (packed({"a.png": b"\0" * (zip_files.MOST_UNPACKED + 1)}), "larger than"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
        (b"PK\x03\x04" + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, 2**31, 0, 0), "more than"),
        (b"sku,name\n", "one ZIP"),
    ],
    ids=["empty", "nothing of ours", "cut off", "bomb", "no ZIP", "more than it says", "table"],  # not its bytes: dates
)  # fmt: skip
def test_a_zip_that_can_only_do_harm_is_refused_before_it_is_read(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        assert zip_files.entries(path) if look(path, PICTURES) else None
    assert said in refused.value.errors["file"][0]


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(packed({f"{n}.png": b"" for n in range(zip_files.MOST_ENTRIES + 1)}, zipfile.ZIP_STORED))
    with pytest.raises(Invalid):
        zip_files.entries(path)


def test_an_entry_is_never_read_past_its_limit_and_a_locked_one_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    lying = bytearray(packed({"a.png": b"\0" * 3_000_000, "b.png": b"ok", "c.png": b"\0" * 1_000_000}))
    path.write_bytes(lying)
    large, good, squeezed = zip_files.entries(path)
    with pytest.raises(zip_files.NotReadable):
        zip_files.content(path, large, 1_000)
    large.file_size = 10  # it lies
    with pytest.raises(zip_files.NotReadable):
        zip_files.content(path, large, 1_000)
    with pytest.raises(zip_files.NotReadable):
        zip_files.content(path, squeezed, 2_000_000)
    assert zip_files.content(path, good, 1_000) == b"ok"
    good.flag_bits |= 1
    with pytest.raises(zip_files.NotReadable):
        zip_files.content(path, good, 1_000)
    path.write_bytes(packed({"a.png": b"\0" * 9_000_000}, zipfile.ZIP_BZIP2))
    with pytest.raises(zip_files.NotReadable):
        zip_files.content(path, zip_files.entries(path)[0], 1_000)


async def test_pictures_beyond_the_room_are_refused_and_a_full_shelf_leaves_nothing(
    exchange: Exchange, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    skus = [one.sku for one in exchange.shop.products[:3]]
    content = packed(
        {f"{sku}.png": picture(colour) for sku, colour in zip(skus, ("red", "green", "blue"), strict=True)}
    )
    run = await checked(exchange, content)
    assert run.new_count == 3
    monkeypatch.setattr(uploads, "QUOTA", 100)
    back = await exchange.store(run.id)
    assert (back.stage, "room" in back.problem) == ("checked", True)
    assert (await kept(exchange), on_disk(settings, exchange)[0]) == ([], 0)
    monkeypatch.setattr(uploads, "QUOTA", 1)
    tight = await checked(exchange, content)
    assert (tight.new_count, tight.refused_count) == (0, 3)
    monkeypatch.setattr(uploads, "QUOTA", 10_000_000)
    assert (await exchange.store(run.id)).stage == "done"
    assert on_disk(settings, exchange)[0] == 9


async def test_a_cancelled_import_of_pictures_stores_nothing_and_leaves_nothing(
    exchange: Exchange, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = exchange.shop
    skus = [one.sku for one in shop.products[:3]]
    run = await checked(exchange, packed({f"{sku}.png": picture("red") for sku in skus}))
    await shop.db.run(shop.scope, operations.ask_to_store, run.id, whole=True)
    adopt, outside = kind.adopt, contextvars.copy_context()

    async def cancelled_meanwhile(tx: Any, made: Any) -> None:
        await adopt(tx, made)
        await asyncio.get_running_loop().create_task(other(), context=outside)

    async def other() -> None:
        async with shop.db.begin(shop.scope) as tx:
            await operations.cancel(tx, run.id)

    monkeypatch.setattr(kind, "adopt", cancelled_meanwhile)
    run = await exchange.work_off(run.id)
    assert (run.stage, run.stored_count, await kept(exchange)) == ("cancelled", 0, [])
    assert on_disk(settings, exchange) == (0, 0)


async def test_a_zip_of_pictures_is_handed_in_on_the_page(site: Site, exchange: Exchange) -> None:
    shop, home = exchange.shop, f"/t/{exchange.shop.tenant.slug}"
    owner = await site.member(shop)

    async def sent(content: bytes, what: str) -> Any:
        files = {"file": ("pics.zip", content, "application/zip")}
        return await owner.post(f"{home}/products/imports", data={"kind": what}, files=files)

    wrong = await sent(packed({"x.png": picture("red")}), "products")
    assert (wrong.status_code, "pick pictures" in wrong.text) == (422, True)
    wrong = await sent(b"sku,name\nA,B\n", "pictures")
    assert (wrong.status_code, "one ZIP" in wrong.text) == (422, True)
    sku = shop.products[0].sku
    answer = await sent(packed({f"{sku}.png": picture("red"), "else.png": picture("red")}), "pictures")
    page = answer.headers["location"]
    assert "Looking at pictures" in (await owner.get(page)).text
    await work_off(shop.db, shop.tenant.id)
    shown = (await owner.get(page)).text
    assert ("No product has this SKU" in shown, "Change the columns" in shown) == (True, False)
    assert "else.png" in (await owner.get(f"{page}/report")).text
    assert (await owner.post(f"{page}/storing", data={"how": "good"})).status_code == 303
    await work_off(shop.db, shop.tenant.id)
    assert await kept(exchange) == [(sku, 1)]
