"""A device that is enrolled, with its private key in Python: proves itself and signs as kiosk/till/proofs.js does."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from retail.identity import devices
from retail.identity.device_rules import message, record_message
from retail.identity.devices import Coming, Proof
from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.tenancy import Actor, Scope
from retail.sales.chain import Record
from tests.support.device import Device
from tests.support.world import Shop

ORIGIN = "http://shop.test"


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Keys:
    """A P-256 key pair."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        return text(self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def sign(self, signed: bytes) -> str:
        r, s = decode_dss_signature(self._private.sign(signed, ec.ECDSA(SHA256())))
        return text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def prove(self, purpose: str, *parts: str, origin: str = ORIGIN) -> str:
        return self.sign(message(purpose, origin, *parts))

    def coming(self, code: str) -> Coming:
        return Coming(new_id(), code, self.public, self.prove("enrol", code, self.public), [ORIGIN])

    def enrolment(self, code: str) -> dict[str, str]:
        return {"code": code, "public_key": self.public, "signature": self.prove("enrol", code, self.public)}


async def enrol(db: Database, shop: Shop, keys: Keys, till: UUID | None = None, name: str = "Counter tablet") -> UUID:
    """Enrol a device of these keys for a till."""
    offer = await db.run(shop.scope, devices.offer_enrolment, till or shop.till, name)
    scope = Scope(shop.tenant.id, Actor("device", None, "—"))
    return await db.run(scope, devices.enrol, offer.id, keys.coming(offer.code))


async def proof(db: Database, shop: Shop, keys: Keys, device: UUID, purpose: str = "session") -> Proof:
    challenge = await db.run(shop.scope, devices.make_challenge, device)
    return Proof(challenge, keys.prove(purpose, str(device), challenge), [ORIGIN])


class SigningDevice(Device):
    """A till's device that is enrolled: each record says who acted, and is signed."""

    def __init__(self, shop: Shop, till: UUID, keys: Keys, id: UUID) -> None:
        super().__init__(shop, till)
        self.id = id
        self.keys = keys
        self.cashier: UUID | None = None

    def write(self, kind: str, payload: dict[str, Any] | str, id: str | None = None) -> Record:
        said = payload | {"cashier": str(self.cashier)} if isinstance(payload, dict) and self.cashier else payload
        record = super().write(kind, said, id)
        self.records[-1] = replace(record, signature=self.keys.sign(record_message(record.hash)))
        return self.records[-1]
