"""Events as the payment provider signs and delivers them, by its own library."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
from stripe import WebhookSignature

from retail.kit.ids import new_id
from retail.seller import Seller
from tests.support.fake_stripe import KEY, FakeStripe
from tests.support.web import Site

SECRETS = ("whsec_new", "whsec_old")


def settings_with(stripe: FakeStripe) -> dict[str, Any]:
    """Give the settings of an installation whose provider is this one."""
    seller = Seller(
        "Countertop GmbH", country="DE", stripe_secret_key=KEY, stripe_webhook_secrets=SECRETS, stripe_api=stripe.url
    )
    return {"environment": "test", "seller": seller, "outgoing_exceptions": (f"127.0.0.1:{stripe.port}",)}


def led_to(answer: httpx.Response) -> str:
    """Give the session whose page an answer leads to, by itself and by its button."""
    assert answer.status_code == 200, answer.text
    [led] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert f'href="{led}"' in answer.text
    return str(led).rpartition("/")[2]


def body_of(session: str, kind: str = "checkout.session.completed", **more: Any) -> bytes:
    told = {"id": session, "object": kind.rpartition(".")[0]} | more
    return json.dumps({"id": f"evt_{new_id().hex}", "object": "event", "type": kind, "data": {"object": told}}).encode()


def sign(secret: str, at: int, body: bytes) -> str:
    """Sign a body as the provider's own library does."""
    header = WebhookSignature.generate_signature_header(body.decode(), secret, at)
    return header.rpartition("v1=")[2]


async def deliver(site: Site, body: bytes, *, secret: str = SECRETS[0], ago: int = 0) -> httpx.Response:
    at = int(site.db.clock.now().timestamp()) - ago
    header = f"t={at},v1={sign(secret, at, body)},v0=nonsense"
    visitor = site.visitor()
    del visitor.headers["Origin"]
    return await visitor.post("/stripe-events", content=body, headers={"Stripe-Signature": header})
