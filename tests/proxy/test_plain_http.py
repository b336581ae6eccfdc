"""Without TLS only a person who typed the address is led to it; whatever a program sends is refused."""

from __future__ import annotations

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.front import DOMAIN, Front


@pytest.mark.parametrize("host", [DOMAIN, f"acme.{DOMAIN}"])
async def test_a_page_is_led_to_https_at_its_own_host_with_its_whole_address(front: Front, host: str) -> None:
    answer = await front.browser(host, scheme="http").get("/sign-in?next=/products%3Fq%3Da%26b")
    assert (answer.status_code, answer.headers["location"]) == (
        308,
        f"https://{host}/sign-in?next=/products%3Fq%3Da%26b",
    )
    assert "strict-transport-security" not in answer.headers, "over plain http it means nothing"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/api/v1/openapi.json", {}),
        ("GET", "/t/acme/api/v1/products", {}),
        ("GET", "/t/acme//api/v1/products", {}),
        ("GET", "/t/acme/../acme/api/v1/products", {}),
        ("GET", "/%61pi/v1/products", {}),
        ("POST", "/api/v1/sales", {"Authorization": "Bearer ct_something"}),
        ("GET", "/t/acme/products", {"Authorization": "Bearer ct_something"}),
        ("POST", "/sign-in", {}),
        ("DELETE", "/t/acme/products", {}),
        ("GET", "/live", {"Upgrade": "websocket", "Connection": "Upgrade"}),
        ("GET", "/t/acme/live", {}),
    ],
)
async def test_a_program_is_refused_and_never_led_on(
    front: Front, method: str, path: str, headers: dict[str, str]
) -> None:
    before = len(front.requests)
    answer = await front.browser(f"acme.{DOMAIN}", scheme="http").request(method, path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert "location" not in answer.headers
    assert answer.json()["code"] == "tls_needed"
    assert "https://" in answer.json()["detail"]
    assert front.requests[before:] == [], "nothing of it reached the shop"


async def test_a_socket_without_tls_is_refused(front: Front) -> None:
    before = len(front.requests)
    for path in ("/live?topic=stock", "/api/v1/events", "/t/acme/api/v1/events", "/somewhere"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://acme.{DOMAIN}{path}", host="127.0.0.1", port=front.plain_port)
        assert refused.value.response.status_code == 403, path
    assert front.requests[before:] == []


async def test_another_name_is_not_answered_at_all(front: Front) -> None:
    for name in ("example.org", "example.com.evil.test", "127.0.0.1"):
        with pytest.raises(httpx.RemoteProtocolError):
            await front.browser(name, scheme="http").get("/")


async def test_a_certificates_challenge_is_answered_from_its_folder_alone(front: Front) -> None:
    (front.folder / "acme" / ".well-known" / "acme-challenge" / "abc").write_text("proof")
    browser = front.browser(scheme="http")
    assert (await browser.get("/.well-known/acme-challenge/abc")).text == "proof"
    assert (await browser.get("/.well-known/acme-challenge/%2e%2e/%2e%2e/%2e%2e/key.pem")).status_code in {308, 400}
    assert (await browser.get("/.well-known/acme-challenge/none")).status_code == 404
