"""Keys outside the database: what is sealed, signed or tagged, and what becomes of it when a key changes."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from retail.runtime.keys import NAMES, BadKey, Keyring, Tampered, UnknownKey

FIXED = {f"KEY_{name.upper()}": "1:" + f"{number:02x}" * 32 for number, name in enumerate(NAMES)}


@dataclass(frozen=True)
class Place:
    data_dir: Path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "data")


def test_the_first_start_makes_keys_that_only_their_owner_can_read(place: Place) -> None:
    Keyring.open(place, {})
    keys = place.data_dir / "keys"
    assert sorted(path.name for path in keys.iterdir()) == sorted(f"{name}.1.key" for name in NAMES)
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o400}
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700


def test_a_second_start_opens_what_the_first_one_sealed(place: Place) -> None:
    sealed = Keyring.open(place, {}).seal("totp", b"JBSWY3DP", b"person 1")
    assert Keyring.open(place, {}).unseal("totp", sealed, b"person 1") == b"JBSWY3DP"


def test_processes_that_start_at_once_agree_on_the_keys(place: Place) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _n: Keyring.open(place, {}), range(16)))
    assert len({ring.signer("audit").public for ring in rings}) == 1
    assert [path.name for path in (place.data_dir / "keys").iterdir() if path.name.startswith(".")] == []


@given(plain=st.binary(max_size=200), aad=st.binary(max_size=40), where=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_is_found(plain: bytes, aad: bytes, where: int, bit: int) -> None:
    ring = Keyring.open(Place(Path("unused")), FIXED)
    sealed = ring.seal("totp", plain, aad)
    assert ring.unseal("totp", sealed, aad) == plain
    broken = bytearray(sealed)
    broken[where % len(sealed)] ^= 1 << bit
    with pytest.raises((Tampered, UnknownKey)):
        ring.unseal("totp", bytes(broken), aad)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 18, b"\x02" * 60], ids=["empty", "short", "cut", "format"])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    ring = Keyring.open(Place(Path("unused")), FIXED)
    with pytest.raises((Tampered, UnknownKey)):
        ring.unseal("totp", sealed)


def test_a_sealed_value_opens_only_under_its_own_name_and_for_its_own_row(place: Place) -> None:
    same = {f"KEY_{name.upper()}": "1:" + "ab" * 32 for name in NAMES}
    ring = Keyring.open(place, same)
    sealed = ring.seal("totp", b"secret", b"person 1")
    with pytest.raises(Tampered):
        ring.unseal("totp", sealed, b"person 2")
    with pytest.raises(UnknownKey):  # the same root key, but not the same derived one
        ring.unseal("oidc", sealed, b"person 1")


def test_after_a_rotation_the_newest_signs_and_seals_and_the_old_ones_still_open_and_verify(place: Place) -> None:
    ring = Keyring.open(place, {})
    before = ring.signer("audit")
    sealed, signature, tag = ring.seal("audit", b"old"), before.sign(b"head"), ring.mac("audit", b"cookie")
    assert ring.rotate("audit") == 2
    after = ring.signer("audit")
    assert after.key_id != before.key_id
    assert after.key_id.startswith("audit-2-")
    assert list(ring.public_keys("audit")) == [before.key_id, after.key_id]
    assert ring.verify("audit", before.key_id, b"head", signature)
    assert not ring.verify("audit", after.key_id, b"head", signature)
    assert ring.unseal("audit", sealed) == b"old"
    assert ring.needs_resealing("audit", sealed)
    assert not ring.needs_resealing("audit", ring.seal("audit", b"new"))
    assert ring.mac("audit", b"cookie") != tag
    assert ring.mac_matches("audit", b"cookie", tag)
    assert not ring.mac_matches("audit", b"cookie!", tag)


def test_a_process_that_runs_through_a_rotation_opens_what_the_new_key_made(place: Place) -> None:
    running, other = Keyring.open(place, {}), Keyring.open(place, {})
    other.rotate("totp")
    other.rotate("audit")
    signer = other.signer("audit")
    assert running.unseal("totp", other.seal("totp", b"new")) == b"new"
    assert running.verify("audit", signer.key_id, b"head", signer.sign(b"head"))


def test_a_lost_key_is_named_instead_of_looking_like_tampering(place: Place) -> None:
    ring = Keyring.open(place, {})
    sealed = ring.seal("totp", b"secret")
    (place.data_dir / "keys" / "totp.1.key").unlink()
    with pytest.raises(UnknownKey, match="totp version 1"):
        Keyring.open(place, {}).unseal("totp", sealed)


def test_the_environment_stands_alone_for_its_names(place: Place) -> None:
    environ = {"KEY_AUDIT": "1:" + "00" * 32 + ", 2:" + "11" * 32}
    ring = Keyring.open(place, environ)
    assert ring.versions("audit") == [1, 2]
    assert not (place.data_dir / "keys" / "audit.1.key").exists()
    assert ring.versions("totp") == [1]
    with pytest.raises(BadKey, match="KEY_AUDIT"):
        ring.rotate("audit")


@pytest.mark.parametrize("given_", ["", "abc", "1:abc", "0:" + "00" * 32, "1:" + "00" * 32 + ",1:" + "11" * 32])
def test_a_bad_variable_is_refused_without_being_shown(place: Place, given_: str) -> None:
    with pytest.raises(BadKey, match="KEY_TOTP must be like") as refused:
        Keyring.open(place, {"KEY_TOTP": given_})
    assert "00" * 32 not in str(refused.value)


def test_a_key_file_that_others_can_read_or_that_was_cut_is_refused(place: Place) -> None:
    Keyring.open(place, {})
    path = place.data_dir / "keys" / "totp.1.key"
    path.chmod(0o440)
    with pytest.raises(BadKey, match="chmod 0400"):
        Keyring.open(place, {})
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(BadKey, match="32 bytes"):
        Keyring.open(place, {})


def test_signatures_are_plain_ed25519_that_any_library_verifies() -> None:
    signer = Keyring.open(Place(Path("unused")), FIXED).signer("tokens")
    public = Ed25519PublicKey.from_public_bytes(signer.public)
    public.verify(signer.sign(b"message"), b"message")
    with pytest.raises(InvalidSignature):
        public.verify(signer.sign(b"message"), b"another")


def test_the_derivation_never_changes() -> None:
    # A changed byte here would make every sealed secret and every signature of every installation worthless.
    ring = Keyring.open(Place(Path("unused")), FIXED)
    assert ring.derive("totp", "example").hex() == "65b2e2aced24b344d076ef6fc902a5b812306876084740cadc474d0dadb9e099"
    assert ring.signer("audit").key_id == "audit-1-21b48f3dc09da70f"


def test_an_unknown_name_is_a_mistake_of_the_program(place: Place) -> None:
    with pytest.raises(UnknownKey, match="nonsense"):
        Keyring.open(place, {}).seal("nonsense", b"")
