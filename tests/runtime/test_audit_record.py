"""The bytes of a record: no two records share them, they read back as they were, and the page's example is true."""

from __future__ import annotations

import json
import re
from dataclasses import astuple, fields
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.runtime.audit_record import (
    GENESIS,
    AuditRecord,
    BrokenRecord,
    changed,
    facts_text,
    hash_of,
    head_message,
    link,
    split,
    tidy,
)
from retail.runtime.keys import NAMES, Keyring

PAGE = Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "audit-chain.md"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
HOSTILE = st.one_of(TEXTS, st.sampled_from(["", ":", "\x1f", "\x1f1:a", "3:abc", "CTA1", "0:", "ä\x1f", "\u2028"]))
RECORDS = st.builds(AuditRecord, *[HOSTILE] * len(fields(AuditRecord)))


@given(RECORDS)
def test_a_record_reads_back_as_it_was(record: AuditRecord) -> None:
    assert AuditRecord.decode(record.encode()) == record


@given(RECORDS, RECORDS)
def test_two_records_have_the_same_bytes_only_if_they_are_the_same(one: AuditRecord, other: AuditRecord) -> None:
    assert (one.encode() == other.encode()) == (one == other)


@given(RECORDS, st.integers(0, 13), st.integers(0, 13), HOSTILE)
def test_moving_text_from_one_field_to_the_next_changes_the_bytes(
    record: AuditRecord, here: int, there: int, text: str
) -> None:
    texts = list(astuple(record))
    moved = texts.copy()
    moved[here] += text
    other = texts.copy()
    other[there] += text
    assert (AuditRecord(*moved).encode() == AuditRecord(*other).encode()) == (moved == other)


@given(RECORDS, st.data())
def test_cut_or_changed_bytes_never_read_as_the_same_record(record: AuditRecord, data: st.DataObject) -> None:
    stored = record.encode()
    place = data.draw(st.integers(0, len(stored) - 1))
    for broken in (stored[:place], stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :], stored + b"x"):
        try:
            read = AuditRecord.decode(broken)
        except BrokenRecord:
            continue
        assert read != record
        assert read.encode() == broken


@pytest.mark.parametrize("stored", [b"", b"CTA1", b"CTJ1\x1f0:", b"CTA1\x1f01:a", b"CTA1\x1f-1:", b"CTA1\x1f1:\xff"])
def test_other_bytes_are_no_record(stored: bytes) -> None:
    with pytest.raises(BrokenRecord):
        AuditRecord.decode(stored)


@given(st.dictionaries(st.text(), st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=5)))
def test_facts_are_json_that_postgres_and_utf8_can_hold(facts: dict[str, object]) -> None:
    text = facts_text(facts)
    json.loads(text)
    text.encode()
    assert "\\u0000" not in text.replace("\\\\", "")
    assert "\0" not in text


def test_facts_write_money_ids_and_sets_as_text() -> None:
    assert facts_text({"id": UUID(int=1), "cost": Decimal("1.50"), "rights": {"b", "a"}, "name": "Käse"}) == (
        '{"id":"00000000-0000-0000-0000-000000000001","cost":"1.50","rights":["a","b"],"name":"Käse"}'
    )
    assert facts_text({"name": "a\0b\ud800"}) == '{"name":"a\ufffdb\ufffd"}'
    assert tidy("a\0\ud83d\ude00") == "a\ufffd\U0001f600"


def test_only_what_differs_is_told() -> None:
    before, after = {"price": 420, "name": "Bread", "note": None}, {"price": 450, "name": "Bread", "unit": "kg"}
    assert changed(before, after) == {"before": {"price": 420}, "after": {"price": 450, "unit": "kg"}}
    assert changed(before, before) == {}


def test_the_example_of_the_page_is_true() -> None:
    page = PAGE.read_text()
    records = [line.strip().replace("␟", "\x1f").encode() for line in page.splitlines() if line.startswith("    CTA1␟")]
    hashes = re.findall(r"(?:record )?hash(?: \d)?  ([0-9a-f]{64})", page)
    assert [len(record) for record in records] == [int(n) for n in re.findall(r"Record \d, (\d+) bytes", page)]
    chain = UUID(AuditRecord.decode(records[0]).tenant)
    first = link(chain, 1, hash_of(records[0]), GENESIS)
    second = link(chain, 2, hash_of(records[1]), first)
    assert hashes == [hash_of(records[0]).hex(), hash_of(records[1]).hex(), first.hex(), second.hex()]
    message = next(line.strip() for line in page.splitlines() if line.startswith("    CTH1␟")).replace("␟", "\x1f")
    at = split("CTH1", message.encode())[-1]
    assert head_message(chain, 2, second, at).decode() == message
    environ = {f"KEY_{name.upper()}": "1:" + "2a" * 32 for name in NAMES}
    signer = Keyring.open(_Nowhere(), environ).signer("audit")
    assert f"`{signer.key_id}`" in page
    assert f"`{signer.public.hex()}`" in page
    assert signer.sign(message.encode()).hex() in page


class _Nowhere:
    data_dir = Path("unused")
