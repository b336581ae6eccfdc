"""Requests to addresses that people type reach the public internet, and nothing inside."""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpcore
import pytest

from retail.runtime.web.outgoing import MOST_BYTES, Fetched, Outgoing, OutgoingFailed, is_public
from retail.settings import BadSetting, Settings
from tests.support.post_office import make_certificate

INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "fe80::1", "fec0::1", "fc00::1", "ff02::1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:7f00:1::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e"]
SPELLINGS = ["127.1", "2130706433", "0x7f000001", "017700000001", "0x7f.0.0.1"]

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def always(*addresses: str) -> list[str]:
    return list(addresses)


@asynccontextmanager
async def server(answer: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve one kind of answer on the loopback."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()


def says(text: bytes) -> Answer:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)

    return answer


OK = says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def test_there_are_twenty_six_inside() -> None:
    assert len(set(INSIDE)) == 26


@pytest.mark.parametrize("address", INSIDE)
async def test_no_address_inside_is_public_and_a_name_that_leads_there_is_refused(address: str) -> None:
    assert not is_public(address)
    client = Outgoing(resolver=lambda _host, _port: always("8.8.8.8", address))
    with pytest.raises(OutgoingFailed) as refused:
        await client.get("https://idp.example/")
    assert refused.value.reason == "address"


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_scoped_addresses_and_nonsense_are_not_public() -> None:
    assert not is_public("fe80::1%eth0")
    assert not is_public("2606:4700::1%1")
    assert not is_public("example.com")


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_number_is_no_name_however_it_is_spelled(spelling: str) -> None:
    with pytest.raises(OutgoingFailed) as refused:
        await Outgoing().get(f"https://{spelling}/")
    assert refused.value.reason == "address"


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_resolver_that_takes_the_spelling_for_an_address_does_not_help(spelling: str) -> None:
    client = Outgoing(resolver=lambda _host, _port: always("127.0.0.1"))
    with pytest.raises(OutgoingFailed):
        await client.get(f"https://{spelling}.example/")


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example/", "https://idp.example:8443/", "https://user@idp.example/", "https://u:p@idp.example/",
        "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://localhost/", "https://idp/", "ftp://idp.example/",
        "file:///etc/passwd", "gopher://idp.example/", "https://idp.example/#x", "https://idp.example\\@evil.example/",
        "https:///", "//idp.example/", "", "https://idp.example/\r\nX: y", "https://idp .example/", "https://-/",
        "https://idp..example/", "https://münchen.example/", "https://idp.example:99999/",
    ],
)  # fmt: skip
def test_only_a_public_https_address_is_taken(url: str) -> None:
    with pytest.raises(OutgoingFailed) as refused:
        Outgoing().check(url)
    assert refused.value.reason == "address"


async def test_a_name_that_turns_inside_after_the_check_is_still_met_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The classic rebinding: public at the first question, loopback at the second."""
    asked: list[str] = []
    met: list[tuple[str, int]] = []

    async def flipping(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    async def connect(_self: object, host: str, port: int, *_more: object) -> None:
        met.append((host, port))
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    client = Outgoing(resolver=flipping)
    with pytest.raises(OutgoingFailed) as failed:
        await client.get("https://idp.example/")
    assert failed.value.reason == "connection"
    assert (asked, met) == (["idp.example"], [("8.8.8.8", 443)]), "asked once, and met there"
    with pytest.raises(OutgoingFailed) as refused:
        await client.get("https://idp.example/")
    assert refused.value.reason == "address"
    assert len(met) == 1


async def test_the_certificate_is_checked_for_the_name_although_the_connection_goes_to_an_address(
    tmp_path: Path,
) -> None:
    certificate, key = make_certificate(tmp_path, "idp.example")
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate, key)
    names: list[str | None] = []
    served.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with server(OK, served) as port:
        for context, host, reason in (
            (trusting, "idp.example", None),
            (trusting, "other.example", "tls"),
            (None, "idp.example", "tls"),
        ):
            client = Outgoing(
                exceptions=[f"{host}:{port}"], resolver=lambda _h, _p: always("127.0.0.1"), context=context
            )
            if reason is None:
                assert await client.get(f"https://{host}:{port}/") == Fetched(200, b"{}", {"content-length": "2"})
            else:
                with pytest.raises(OutgoingFailed) as failed:
                    await client.get(f"https://{host}:{port}/")
                assert failed.value.reason == reason
    assert names == ["idp.example", "other.example", "idp.example"]


def local(port: int, **more: float) -> Outgoing:
    return Outgoing(exceptions=[f"127.0.0.1:{port}"], **more)


async def test_a_redirect_is_not_followed() -> None:
    async with server(
        says(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
    ) as port:
        with pytest.raises(OutgoingFailed) as failed:
            await local(port).get(f"http://127.0.0.1:{port}/")
    assert failed.value.reason == "redirect"


async def test_a_server_that_drips_is_left_after_the_whole_time() -> None:
    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with server(drip) as port:
        began = time.monotonic()
        with pytest.raises(OutgoingFailed) as failed:
            await local(port, seconds=0.3).get(f"http://127.0.0.1:{port}/")
        assert failed.value.reason == "slow"
        assert time.monotonic() - began < 10, "it did not wait for the thousand bytes"


async def test_an_answer_without_an_end_is_cut_off() -> None:
    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x" * 10_000)
            await writer.drain()

    async with server(pour) as port:
        with pytest.raises(OutgoingFailed) as failed:
            await local(port).get(f"http://127.0.0.1:{port}/")
    assert failed.value.reason == "large"
    assert MOST_BYTES == 65_536


async def test_what_is_no_http_and_what_is_nobody_fail_quietly() -> None:
    async with server(says(b"SSH-2.0-OpenSSH_9\r\n")) as port:
        with pytest.raises(OutgoingFailed) as failed:
            await local(port).get(f"http://127.0.0.1:{port}/")
        assert failed.value.reason == "connection"
    with pytest.raises(OutgoingFailed) as failed:
        await local(port).get(f"http://127.0.0.1:{port}/")
    assert failed.value.reason == "connection"


async def test_a_name_that_nobody_has_is_said_so() -> None:
    async def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(OutgoingFailed) as failed:
        await Outgoing(resolver=unknown).get("https://idp.example/")
    assert failed.value.reason == "name"


async def test_a_body_is_posted_and_the_answer_read() -> None:
    heard: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readexactly(3))
        writer.write(b"HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno")

    async with server(echo) as port:
        fetched = await local(port).post(f"http://127.0.0.1:{port}/token", b"a=b", headers={"X-A": "b"})
    assert (fetched, heard) == (Fetched(400, b"no", {"content-length": "2"}), [b"a=b"])


async def test_our_own_address_is_refused_and_production_knows_no_exceptions() -> None:
    with pytest.raises(OutgoingFailed):
        Outgoing.of(Settings(base_domain="app.example")).check("https://app.example/")
    excepted = Settings(outgoing_exceptions=("127.0.0.1:9",))
    Outgoing.of(excepted).check("http://127.0.0.1:9/")
    with pytest.raises(OutgoingFailed):
        Outgoing.of(dataclasses.replace(excepted, environment="production")).check("http://127.0.0.1:9/")
    with pytest.raises(BadSetting, match="OUTGOING_EXCEPTIONS"):
        Settings.from_env({"COUNTERTOP_ENV": "production", "OUTGOING_EXCEPTIONS": "127.0.0.1:9"})
