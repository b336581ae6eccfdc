"""What goes over the wire, with the library itself: sealed for one browser, signed by our key, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from retail.notifications.push import vapid
from retail.notifications.push.ringer import Ringer
from retail.notifications.push.subscriptions import Browser
from retail.runtime.web.outgoing import Outgoing
from tests.support.http_office import Answer, HttpOffice, http_office
from tests.support.web import KEYS

SECRET = bytes(range(16))
SAID = {"title": "A big refund", "body": "Öffnen, um es zu sehen", "id": "5"}


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(given: str) -> bytes:
    return base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)


@dataclass
class Phone:
    """A browser as RFC 8291 describes it: it opens what was sealed for it alone."""

    key: ec.EllipticCurvePrivateKey

    def browser(self, endpoint: str) -> Browser:
        return Browser(endpoint, text(point(self.key.public_key())), text(SECRET), vapid.newest(KEYS))

    def open(self, body: bytes) -> bytes:
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        both = point(self.key.public_key()) + sender
        secret = derived(shared, SECRET, b"WebPush: info\0" + both, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0").removesuffix(b"\2")


@pytest.fixture
async def office() -> AsyncIterator[HttpOffice]:
    async with http_office() as made:
        yield made


def service(*offices: HttpOffice) -> Ringer:
    places = [office.place for office in offices]
    return Ringer(Outgoing(exceptions=places), KEYS, "mailto:us@shop.example", exceptions=places)


async def ring(push: Ringer, browser: Browser) -> str:
    return (await push.ring(browser, SAID, ttl=timedelta(hours=1), urgent=True, topic="a" * 32)).how


def claims(headers: dict[str, str]) -> dict[str, object]:
    scheme, _, rest = headers["authorization"].partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert parts["k"] == vapid.public_key(KEYS, vapid.newest(KEYS))
    x, y = raw(parts["k"])[1:33], raw(parts["k"])[33:]
    key = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)})
    return jwt.decode(parts["t"], key, algorithms=["ES256"]).claims


async def test_only_the_browser_can_read_it_and_the_service_knows_who_sends(office: HttpOffice) -> None:
    phone = Phone(ec.generate_private_key(ec.SECP256R1()))
    assert await ring(service(office), phone.browser(office.endpoint())) == "sent"
    ((_path, headers, body),) = office.taken
    assert json.loads(phone.open(body)) == SAID
    assert b"refund" not in body
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"], headers["topic"]) == (
        "aes128gcm", "3600", "high", "a" * 32,
    )  # fmt: skip
    told = claims(headers)
    assert (told["aud"], told["sub"]) == (f"http://{office.place}", "mailto:us@shop.example")


async def test_each_service_is_told_its_own_audience(office: HttpOffice) -> None:
    phone = Phone(ec.generate_private_key(ec.SECP256R1()))
    async with http_office() as other:
        push = service(office, other)
        assert await ring(push, phone.browser(office.endpoint())) == "sent"
        assert await ring(push, phone.browser(other.endpoint())) == "sent"
        assert claims(other.taken[0][1])["aud"] == f"http://{other.place}"


@pytest.mark.parametrize(
    ("status", "how"),
    [(201, "sent"), (202, "sent"), (404, "gone"), (410, "gone"), (413, "refused"), (307, "refused"), (429, "again"),
     (500, "again")],
)  # fmt: skip
async def test_what_a_service_answers_is_understood(office: HttpOffice, status: int, how: str) -> None:
    office.answers = [Answer(status, {"Location": office.endpoint("elsewhere")} if status == 307 else {})]
    phone = Phone(ec.generate_private_key(ec.SECP256R1()))
    assert await ring(service(office), phone.browser(office.endpoint())) == how
    assert len(office.taken) == 1
