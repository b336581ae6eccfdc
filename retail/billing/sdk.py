"""The payment provider's own library, on our way out: its requests go through the guarded client, and no others.

Imported by retail/billing/stripe.py alone, with the first need and beside the event loop: loading it takes a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import stripe

from retail.runtime.web.outgoing import Outgoing, OutgoingFailed

_SENT: Final = frozenset({"authorization", "content-type", "idempotency-key", "stripe-version"})
"""What the provider is told of us. The library would add what this machine runs on, and how long it waited."""

stripe.enable_telemetry = False


class Way(stripe.HTTPClient):  # type: ignore[misc]  # its types aren't read (pyproject.toml)
    """Carries the library's requests to one address and to no other: no redirect, five seconds, only public hosts."""

    name = "countertop"

    def __init__(self, outgoing: Outgoing, base: str) -> None:
        super().__init__()
        self._outgoing, self._base = outgoing, base

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send one request. Raises APIConnectionError, which is never tried again here: whoever asked decides."""
        if not url.startswith(f"{self._base}/"):
            raise stripe.APIConnectionError("another address", should_retry=False)
        sent = {name: value for name, value in headers.items() if name.lower() in _SENT}
        try:
            if method == "post":
                answer = await self._outgoing.post(url, (post_data or "").encode(), headers=sent)
            elif method == "delete":
                answer = await self._outgoing.delete(url, headers=sent)
            else:
                answer = await self._outgoing.get(url, headers=sent)
        except OutgoingFailed as failed:
            raise stripe.APIConnectionError(failed.reason, should_retry=False) from failed
        return answer.body, answer.status, answer.headers


def client(key: str, base: str, outgoing: Outgoing) -> Any:  # noqa: ANN401 - the library's client
    """Make the library's client for a seller's key."""
    return stripe.StripeClient(
        key, http_client=Way(outgoing, base), base_addresses={"api": base}, max_network_retries=0
    )


def event(secrets: Sequence[str], header: str, body: bytes) -> dict[str, Any] | None:
    """Read a delivery that one of our secrets has signed, however old; None for one that none has."""
    for secret in secrets:
        try:
            read: dict[str, Any] = stripe.Webhook.construct_event(body, header, secret, tolerance=0).to_dict()
        except stripe.SignatureVerificationError:
            continue
        except (ValueError, AttributeError, TypeError):  # signed, but no event
            return None
        return read
    return None


Failed = stripe.StripeError
"""Whatever the provider refuses, or that it can't be reached."""
CardFailed = stripe.CardError
"""The bank refuses a card: its code says why."""
