"""What the proxy speaks: TLS 1.2 and 1.3 with modern ciphers, for the shop's own names, and never less."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from contextlib import closing, suppress

import pytest

from tests.support.front import DOMAIN, Front

HSTS = "max-age=63072000; includeSubDomains"
MODERN = {"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256"}


def anything(front: Front, version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> ssl.SSLContext:
    """Give a client that speaks one version, with whatever ciphers it is told."""
    context = front.trust()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that old versions are old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
        context.minimum_version = version
    if version != ssl.TLSVersion.TLSv1_3:
        context.set_ciphers(ciphers)
    return context


async def spoken(port: int, client: ssl.SSLContext, host: str = DOMAIN) -> tuple[str, str] | None:
    """Shake hands; gives version and cipher, None where the other side refuses."""
    try:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=host)
    except (ssl.SSLError, ConnectionError):
        return None
    with closing(writer):
        secured = writer.get_extra_info("ssl_object")
        return secured.version(), secured.cipher()[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_versions_are_refused_by_the_proxy_though_the_client_can_speak_them(
    front: Front, version: ssl.TLSVersion
) -> None:
    assert await spoken(front.tls_port, anything(front, version)) is None
    weak = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    weak.load_cert_chain(front.folder / "shop.pem", front.folder / "key.pem")
    weak.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        weak.minimum_version = ssl.TLSVersion.TLSv1
    control = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=weak)
    async with control:
        found = await spoken(control.sockets[0].getsockname()[1], anything(front, version))
    assert found is not None
    assert found[0] == {ssl.TLSVersion.TLSv1: "TLSv1", ssl.TLSVersion.TLSv1_1: "TLSv1.1"}[version]


async def test_of_all_ciphers_that_the_client_has_only_modern_ones_are_taken(front: Front) -> None:
    offered = {one["name"] for one in anything(front, ssl.TLSVersion.TLSv1_2).get_ciphers() if one["name"][:3] != "TLS"}
    assert len(offered) > 30
    assert offered > MODERN
    taken = set()
    for name in sorted(offered):
        with suppress(ssl.SSLError):
            if await spoken(front.tls_port, anything(front, ssl.TLSVersion.TLSv1_2, f"{name}:@SECLEVEL=0")):
                taken.add(name)
    assert taken == MODERN


async def test_the_strongest_comes_first_whatever_the_client_prefers(front: Front) -> None:
    weakest_first = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
    client = anything(front, ssl.TLSVersion.TLSv1_2, weakest_first)
    assert await spoken(front.tls_port, client) == ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384")
    assert await spoken(front.tls_port, front.trust()) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")


async def test_another_name_gets_no_certificate(front: Front) -> None:
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    assert await spoken(front.tls_port, anybody, "example.org") is None
    assert await spoken(front.tls_port, anybody, f"acme.{DOMAIN}") is not None


async def test_every_answer_over_tls_says_hsts_once_the_proxys_own_refusals_too(front: Front) -> None:
    browser = front.browser()
    for path in ("/sign-in", "/healthz", "/nothing-here", "/static/nothing"):
        answer = await browser.get(path)
        assert answer.headers.get_list("strict-transport-security") == [HSTS], path
    refused = await front.raw(b"GET / HTTP/1.1\r\nHost: example.com\r\nContent-Length: x\r\n\r\n")
    assert refused.startswith(b"HTTP/1.1 400 ")
    assert refused.count(b"Strict-Transport-Security: " + HSTS.encode()) == 1
    assert b"Content-Security-Policy: default-src 'none'" in refused
    too_long = await browser.get("/sign-in", params={"next": "x" * 20_000})
    assert too_long.status_code == 414
    assert too_long.headers.get_list("strict-transport-security") == [HSTS]
