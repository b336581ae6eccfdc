"""A new key for signed tokens: known before it signs, and the old one believed until its last token has ended."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from retail.identity.errors import SignedTokenRefused
from retail.identity.signed_tokens import KEY, Grant, key_set, sign, verify
from retail.identity.token_keys import LEEWAY, PUBLISHED_AHEAD, believed, signing
from retail.identity.token_rules import SIGNED_TOKEN
from retail.runtime.keys import BadKey, Keyring

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ID = UUID(int=7)
GRANT = Grant(ID, ID, "https://us.example/api/v1", frozenset({"view_stock"}), "session", ID)
MINUTE = timedelta(minutes=1)


@dataclass
class Place:
    data_dir: Path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def at(place: Place, version: int, made: datetime) -> None:
    os.utime(place.data_dir / "keys" / f"{KEY}.{version}.key", (made.timestamp(), made.timestamp()))


def alone(place: Place, version: int) -> Keyring:
    """Give a keyring that holds one version of the key, as a thief's would."""
    root = (place.data_dir / "keys" / f"{KEY}.{version}.key").read_bytes()
    return Keyring.open(place, {"KEY_TOKENS": f"{version}:{root.hex()}"})


def kid(token: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))["kid"])


def test_a_key_is_published_then_signs_then_is_believed_then_is_gone() -> None:
    made: dict[int, datetime | None] = {1: NOON - timedelta(days=90), 2: NOON}
    ends = NOON + PUBLISHED_AHEAD + SIGNED_TOKEN + LEEWAY
    assert (signing(made, NOON), believed(made, NOON)) == (1, [1, 2])
    assert signing(made, NOON + PUBLISHED_AHEAD - MINUTE) == 1
    assert (signing(made, NOON + PUBLISHED_AHEAD), believed(made, NOON + PUBLISHED_AHEAD)) == (2, [1, 2])
    assert believed(made, ends - MINUTE) == [1, 2]
    assert believed(made, ends) == [2]
    assert signing({1: NOON}, NOON) == 1, "the first key of all signs at once"
    assert (signing({1: None, 2: None}, NOON), believed({1: None, 2: None}, NOON)) == (2, [1, 2])
    both_copied: dict[int, datetime | None] = {1: NOON, 2: NOON}
    assert (signing(both_copied, NOON), believed(both_copied, NOON)) == (1, [1, 2])


def test_a_running_process_follows_without_a_restart(place: Place) -> None:
    running, command = Keyring.open(place, {}), Keyring.open(place, {})
    at(place, 1, NOON - timedelta(days=90))
    old = sign(running, "us", GRANT, NOON)
    command.rotate(KEY)
    at(place, 2, NOON)
    first, second = command.signer(KEY, 1).key_id, command.signer(KEY, 2).key_id
    assert [key["kid"] for key in key_set(running, NOON)["keys"]] == [second, first], "published at once"
    later = NOON + PUBLISHED_AHEAD
    last = sign(running, "us", GRANT, later - MINUTE)
    new = sign(running, "us", GRANT, later)
    assert [kid(token) for token in (old, last, new)] == [first, first, second]
    for token in (last, new):
        assert verify(running, token, "us", GRANT.audience, later + timedelta(minutes=8)) == GRANT
    after = later + SIGNED_TOKEN + LEEWAY
    assert [key["kid"] for key in key_set(running, after)["keys"]] == [second]
    with pytest.raises(SignedTokenRefused):  # whoever has the old key by now makes nothing with it
        verify(running, sign(alone(place, 1), "us", GRANT, after), "us", GRANT.audience, after)


def test_a_stolen_key_is_void_at_once(place: Place) -> None:
    running, command = Keyring.open(place, {}), Keyring.open(place, {})
    at(place, 1, NOON - timedelta(days=90))
    stolen = sign(running, "us", GRANT, NOON)
    version = command.rotate(KEY)
    command.destroy(KEY, 1)
    with pytest.raises(SignedTokenRefused):
        verify(running, stolen, "us", GRANT.audience, NOON)
    assert kid(sign(running, "us", GRANT, NOON)) == command.signer(KEY, version).key_id
    with pytest.raises(BadKey, match="KEY_TOKENS"):
        Keyring.open(place, {"KEY_TOKENS": "1:" + "00" * 32}).destroy(KEY, 1)
