"""Pictures that people send: what is taken, what becomes of it, and who may see it."""

from __future__ import annotations

import asyncio
import io
import stat
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from retail.runtime.db import Database
from retail.runtime.web import uploads
from retail.runtime.web.uploads import MOST_BYTES, Infected, NotAPicture, PictureTooLarge, Shelf, form_of, smaller
from retail.settings import Settings
from tests.support.web import Site, enrol, make_site
from tests.support.world import Shop, open_shop

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def drawn(form: str, size: tuple[int, int] = (300, 120), **facts: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(written, form, **facts)
    return written.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge and needs a few bytes: what a decoder would unpack is gigabytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    )


def located() -> bytes:
    """A JPEG that says where and with what it was taken."""
    facts = Image.Exif()
    facts[0x0110] = "Camera of Olga"
    facts.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return drawn("JPEG", exif=facts.tobytes(), comment=b"a secret comment")


@pytest.fixture
async def place(db: Database, tmp_path: Path) -> AsyncIterator[Site]:
    made = make_site(db, data_dir=tmp_path)
    yield made
    await made.close()


async def send(client: httpx.AsyncClient, shop: Shop, content: bytes, name: str = "logo.png") -> httpx.Response:
    return await client.post(f"/t/{shop.tenant.slug}/logo", files={"logo": (name, content, "image/png")})


def kept(place: Site, shop: Shop) -> list[Path]:
    return sorted((place.app.state.process.settings.data_dir / "files" / str(shop.tenant.id)).glob("*.webp"))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_the_three_kinds_become_webp_of_three_sizes(place: Site, shop: Shop, form: str) -> None:
    owner = await place.member(shop)
    assert (await send(owner, shop, drawn(form))).status_code == 303
    files = kept(place, shop)
    seen = [Image.open(io.BytesIO(path.read_bytes())) for path in files]
    assert [one.size for one in seen] == [(256, 102), (300, 120), (64, 26)]
    assert {one.format for one in seen} == {"WEBP"}
    [name] = {path.name.rpartition("-")[0] for path in files}
    assert len(name) == 32
    assert int(name, 16) >= 0
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


async def test_it_is_served_as_a_picture_that_can_run_nothing(place: Site, shop: Shop) -> None:
    owner = await place.member(shop)
    await send(owner, shop, drawn("PNG"))
    path = f"/t/{shop.tenant.slug}/logo/{kept(place, shop)[0].name}"
    answer = await owner.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == 'inline; filename="logo-256.webp"'
    assert answer.headers["cache-control"].startswith("private")


async def test_only_members_see_it(place: Site, shop: Shop) -> None:
    owner, other = await place.member(shop), await open_shop(place.db)
    await send(owner, shop, drawn("PNG"))
    file = kept(place, shop)[0].name
    stranger, nobody = await place.member(other), place.visitor()
    assert (await stranger.get(f"/t/{shop.tenant.slug}/logo/{file}")).status_code == 404
    assert (await stranger.get(f"/t/{other.tenant.slug}/logo/{file}")).status_code == 404
    assert (await nobody.get(f"/t/{shop.tenant.slug}/logo/{file}")).status_code == 303
    viewer = await place.member(shop, "viewer")
    assert (await viewer.get(f"/t/{shop.tenant.slug}/logo/{file}")).status_code == 200
    assert (await send(viewer, shop, drawn("PNG"))).status_code == 403


async def test_it_stands_on_receipts_pages_and_in_the_trail(place: Site, shop: Shop) -> None:
    from tests.support.selling import open_counter

    owner, base = await place.member(shop), f"/t/{shop.tenant.slug}"
    sold = await (await open_counter(shop)).sell()
    assert "/logo/" not in (await owner.get(f"{base}/sales/{sold.id}/receipt")).text
    await send(owner, shop, drawn("PNG"))
    assert "-256.webp" in (await owner.get(f"{base}/sales/{sold.id}/receipt")).text
    assert "-64.webp" in (await owner.get(f"{base}/stores")).text
    assert (await owner.post(f"{base}/logo/removal")).status_code == 303
    assert kept(place, shop) == []
    assert "-64.webp" not in (await owner.get(f"{base}/stores")).text
    async with place.db.read(shop.scope) as read:
        rows = await read.fetch("SELECT action FROM audit_event WHERE action LIKE 'tenant.logo%' ORDER BY id")
    assert [row["action"] for row in rows] == ["tenant.logo_changed", "tenant.logo_removed"]


async def test_where_and_with_what_it_was_taken_is_gone(place: Site, shop: Shop) -> None:
    sent = located()
    assert b"Camera of Olga" in sent
    owner = await place.member(shop)
    await send(owner, shop, sent, "photo.jpg")
    for path in kept(place, shop):
        content = path.read_bytes()
        assert not Image.open(io.BytesIO(content)).getexif()
        assert b"Camera" not in content
        assert b"secret" not in content
        assert b"EXIF" not in content


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


POLYGLOT = drawn("PNG") + b"<script>alert(1)</script>PK\x05\x06" + bytes(18)
REFUSED = [
    ("an SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 415),
    ("an SVG after a blank line", b'\n<?xml version="1.0"?><svg/>', 415),
    ("HTML named as a picture", b"<!doctype html><script>alert(1)</script>", 415),
    ("a GIF", drawn("GIF"), 415),
    ("a BMP", drawn("BMP"), 415),
    ("a TIFF", drawn("TIFF"), 415),
    ("nothing that it says", b"\x89PNG\r\n\x1a\n" + b"not a picture at all", 415),
    ("half a picture", drawn("PNG")[:90], 415),
    ("another RIFF", b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60), 415),
    ("a JPEG mark before a PNG", b"\xff\xd8\xff" + drawn("PNG"), 415),
    ("a bomb", bomb(30_000, 30_000), 413),
    ("a long thin bomb", bomb(60_000_000, 1), 413),
    ("too many pixels", bomb(6_000, 4_001), 413),
    ("too many bytes", b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES), 413),
    ("nothing", b"", 422),
]


@pytest.mark.parametrize(("content", "status"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
async def test_what_is_no_picture_of_ours_is_refused_and_changes_nothing(
    place: Site, shop: Shop, content: bytes, status: int
) -> None:
    owner = await place.member(shop)
    await send(owner, shop, drawn("PNG"))
    before = [path.name for path in kept(place, shop)]
    answer = await send(owner, shop, content)
    if status == 422 and answer.status_code == 415:  # a file of no bytes is a file
        status = 415
    assert answer.status_code == status
    assert [path.name for path in kept(place, shop)] == before


async def test_a_polyglot_leaves_its_other_half_behind(place: Site, shop: Shop) -> None:
    owner = await place.member(shop)
    assert (await send(owner, shop, POLYGLOT)).status_code == 303
    assert all(b"script" not in path.read_bytes() and b"PK\x05" not in path.read_bytes() for path in kept(place, shop))


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/cron.d/x.png",
        "/etc/passwd",
        "x.py",
        "logo.html",
        "C:\\x.png",
        "a\0b.png",
        "..",
        "x.svg",
        "ü" * 300,
    ],
)
async def test_the_name_of_a_file_counts_for_nothing(place: Site, shop: Shop, name: str, tmp_path: Path) -> None:
    owner = await place.member(shop)
    assert (await send(owner, shop, drawn("PNG"), name)).status_code == 303
    everything = files_below(tmp_path)
    folder = tmp_path / "files" / str(shop.tenant.id)
    assert {path.parent for path in everything if "keys" not in path.parts} == {folder}
    assert len(kept(place, shop)) == 3


@pytest.mark.parametrize(
    "asked", ["%2e%2e%2flogo", "..%2flogo-64.webp", "%00-64.webp", "a" * 32 + "-65.webp", "logo-64.webp"]
)
async def test_no_address_leads_out_of_the_folder(place: Site, shop: Shop, asked: str) -> None:
    owner = await place.member(shop)
    await send(owner, shop, drawn("PNG"))
    answer = await owner.get(f"/t/{shop.tenant.slug}/logo/{asked}")
    assert answer.status_code in {404, 405}
    assert answer.headers["content-type"] != "image/webp"


async def test_a_business_has_its_room_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from retail.kit.ids import new_id

    monkeypatch.setattr(uploads, "QUOTA", 1_000)
    shelf, other = Shelf(Settings(data_dir=tmp_path), new_id()), Shelf(Settings(data_dir=tmp_path), new_id())
    shelf.put({64: bytes(600)}, "logo")
    with pytest.raises(uploads.NoRoom):
        shelf.put({64: bytes(600)}, "another")
    shelf.put({64: bytes(900)}, "logo")  # what it replaces makes room
    other.put({64: bytes(900)}, "logo")
    assert len(list(shelf.folder.glob("*.webp"))) == 1


async def test_a_decoder_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(uploads.picture_worker, "__file__", str(sleeper))
    monkeypatch.setattr(uploads, "SECONDS", 0.2)
    with pytest.raises(NotAPicture):
        await asyncio.wait_for(smaller(drawn("PNG"), [64]), 10)


async def test_the_operators_scanner_is_asked_and_fails_closed(db: Database, shop: Shop, tmp_path: Path) -> None:
    scanner = tmp_path / "scanner"
    scanner.write_text("#!/bin/sh\nif /bin/grep -q EICAR-STANDARD -; then exit 1; fi\n")
    scanner.chmod(0o700)
    site = make_site(db, data_dir=tmp_path, upload_scanner=str(scanner))
    owner = await site.member(shop)
    assert (await send(owner, shop, drawn("PNG") + EICAR)).status_code == 422
    assert kept(site, shop) == []
    assert (await send(owner, shop, drawn("PNG"))).status_code == 303
    scanner.write_text("#!/bin/sh\nexit 2\n")
    assert (await send(owner, shop, drawn("PNG"))).status_code == 503
    scanner.unlink()
    assert (await send(owner, shop, drawn("PNG"))).status_code == 503
    await site.close()


def test_the_first_bytes_decide() -> None:
    assert [form_of(drawn(form)) for form in ("JPEG", "PNG", "WEBP")] == ["JPEG", "PNG", "WEBP"]
    for content in (b"", b"RIFF", b"<svg/>", b"GIF89a"):
        with pytest.raises(NotAPicture):
            form_of(content)
    assert (Infected.status, PictureTooLarge.status) == (422, 413)


async def test_whoever_may_not_set_the_business_up_may_not_change_its_logo(place: Site, shop: Shop) -> None:
    _person, _email, secret = await enrol(place.db, shop.tenant.id, "clerk")
    clerk = place.visitor(secret)
    assert (await clerk.get(f"/t/{shop.tenant.slug}/logo")).status_code == 403
    assert (await send(clerk, shop, drawn("PNG"))).status_code == 403
