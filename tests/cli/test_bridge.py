"""The bridge beside a till: bytes reach a printer that was named, from a page that was named, with the secret alone."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from retail.cli.bridge import MOST_BYTES, address, bridge_of, kept_secret

SHOP = "https://shop.example"
SECRET = "pairing-secret-of-the-test"


class FakePrinter:
    """A socket that swallows what it gets."""

    def __init__(self) -> None:
        self.jobs: list[bytes] = []
        self.port = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one job to its end."""
        self.jobs.append(await reader.read())
        writer.close()


@pytest.fixture
async def printer() -> AsyncIterator[FakePrinter]:
    fake = FakePrinter()
    server = await asyncio.start_server(fake.take, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    yield fake
    server.close()
    await server.wait_closed()


@pytest.fixture
async def till(printer: FakePrinter) -> AsyncIterator[httpx.AsyncClient]:
    """The till's page, as the bridge sees it."""
    bridge = bridge_of([SHOP + "/"], [f"127.0.0.1:{printer.port}"], SECRET)
    headers = {
        "Origin": SHOP,
        "Authorization": f"Bearer {SECRET}",
        "X-Printer": f"127.0.0.1:{printer.port}",
    }
    transport = httpx.ASGITransport(bridge.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9187", headers=headers) as client:
        yield client


async def arrived(printer: FakePrinter) -> list[bytes]:
    for _ in range(500):
        if printer.jobs:
            break
        await asyncio.sleep(0.01)
    return printer.jobs


async def test_bytes_reach_the_printer_as_they_are(till: httpx.AsyncClient, printer: FakePrinter) -> None:
    job = bytes(range(256)) * 300
    answer = await till.post("/print", content=job)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert await arrived(printer) == [job]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "null"}, 403),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": ""}, 401),
        ({"X-Printer": "127.0.0.1:1"}, 403),
        ({"X-Printer": "10.0.0.9"}, 403),
        ({"X-Printer": "127.0.0.1:x"}, 400),
        ({"X-Printer": ""}, 400),
    ],
)
async def test_nobody_else_prints_and_nowhere_else(
    till: httpx.AsyncClient, printer: FakePrinter, changed: dict[str, str], status: int
) -> None:
    answer = await till.post("/print", content=b"x", headers=changed)
    assert answer.status_code == status
    assert ("access-control-allow-origin" in answer.headers) is ("Origin" not in changed)
    assert printer.jobs == []


async def test_the_browser_is_told_what_a_page_may_send(till: httpx.AsyncClient) -> None:
    asked = {"Authorization": "", "Access-Control-Request-Private-Network": "true"}
    answer = await till.request("OPTIONS", "/print", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert "x-printer" in answer.headers["access-control-allow-headers"]
    assert (await till.request("OPTIONS", "/print", headers={"Origin": "https://evil.example"})).status_code == 403


async def test_a_printer_that_is_off_is_told_of(till: httpx.AsyncClient, printer: FakePrinter) -> None:
    bridge = bridge_of([SHOP], ["127.0.0.1:1"], SECRET)
    headers = dict(till.headers) | {"x-printer": "127.0.0.1:1"}
    transport = httpx.ASGITransport(bridge.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
        answer = await client.post("/print", content=b"x")
    assert answer.status_code == 502
    assert "Is it on" in answer.text


async def test_nothing_endless_is_passed_on(till: httpx.AsyncClient, printer: FakePrinter) -> None:
    answer = await till.post("/print", content=b"x" * (MOST_BYTES + 1))
    assert answer.status_code == 413
    assert printer.jobs == []


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "bridge.secret"
    secret = kept_secret(file)
    assert len(secret) >= 24
    assert kept_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_addresses_are_read_with_and_without_a_port() -> None:
    assert address("192.168.1.50") == ("192.168.1.50", 9100)
    assert address(" Printer-2.shop:9101 ") == ("printer-2.shop", 9101)
    for wrong in ("", ":9100", "a b", "host:0", "host:70000", "host:x", "http://host"):
        with pytest.raises(ValueError, match=r".*"):
            address(wrong)
