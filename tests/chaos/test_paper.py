"""The tools of the chaos are right before anything is judged with them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.basket import Counter as TillCounter
from tests.chaos.basket import Goods, Wanted, amount, draft, milli_of
from tests.chaos.paper import FIRST, Disk, Entry, Key, hash_of
from tests.chaos.plan import KINDS, Run, blows

TILL, DEVICE = "0199a000-0000-7000-8000-0000000000a1", "0199a000-0000-7000-8000-0000000000d1"
OPENED = Entry(
    1,
    "shift_opened",
    "0199a000-0000-7000-8000-000000000101",
    "2026-11-20T08:00:00.000Z",
    '{"id":"0199a000-0000-7000-8000-000000000101","opening_float":10000}',
    FIRST,
    "878abd85b96359fb32a657efd10d2cf94638ed151e888863a1d380a3733b06b8",
)
WANTED = Wanted(TILL, "somebody", "7:1", 12, 2, closes=True, goods=[Goods("a", 420, weighed=False)])


def test_a_hash_is_that_of_the_worked_example() -> None:
    assert hash_of(TILL, DEVICE, OPENED) == OPENED.hash


def test_a_signature_is_of_one_key_and_one_hash() -> None:
    key = Key(4711)
    signature = key.sign_hash(OPENED.hash)
    assert key.signed(OPENED.hash, signature)
    assert not key.signed(FIRST, signature)
    assert not Key(4712).signed(OPENED.hash, signature)


def test_half_a_record_at_the_end_of_a_disk_never_happened(tmp_path: Path) -> None:
    path = tmp_path / "till"
    Disk(path).append(OPENED)
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(whole[:-20])
    disk = Disk.load(path, mend=True)
    assert [disk.entries, disk.facts, disk.acked] == [[OPENED], {"torn": 1}, 0]
    disk.answered([{"seq": 1, "status": "created", "exceptions": [], "result": None}])
    again = Disk.load(path, mend=True)
    assert [again.entries, again.facts, again.acked, again.torn] == [[OPENED], {"torn": 1}, 1, 0]


def test_a_till_that_is_killed_after_any_record_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    path = tmp_path / "till"
    kinds = []
    while (happening := TillCounter(WANTED, Disk.load(path)).next()) is not None:
        disk = Disk.load(path)
        disk.append(draft(disk, happening))
        kinds.append(happening.kind)
    counted = Counter(kinds)
    assert (counted["sale"], counted["shift_opened"], counted["shift_closed"]) == (12, 2, 2)
    assert kinds[-1] == "shift_closed"
    assert [sale.document["number"] for sale in Disk.load(path).sales] == list(range(1, 13))


@pytest.mark.parametrize(("quantity", "price", "wanted"), [("3", 135, 405), ("0.762", 199, 152), ("0.5", 199, 100)])
def test_an_amount_is_rounded_half_up(quantity: str, price: int, wanted: int) -> None:
    assert amount(milli_of(quantity), price) == wanted


def test_a_seed_draws_the_same_blows_again_and_every_kind_before_any_comes_twice() -> None:
    run = Run(3, 10, 1000, 60, 1)
    assert blows(run) == blows(run)
    assert blows(run) != blows(Run(4, 10, 1000, 60, 1))
    kinds = [blow.kind for blow in blows(run)]
    for start in range(0, 55, len(KINDS)):
        assert sorted(kinds[start : start + len(KINDS)]) == sorted(KINDS)
    assert "browser" not in {blow.kind for blow in blows(Run(3, 10, 1000, 60, 0))}


def test_the_tills_sales_come_to_what_was_asked_for() -> None:
    for run in (Run(1, 10, 1000, 60, 1), Run(1, 4, 60, 8, 1), Run(1, 3, 31, 0, 0)):
        virtual = sum(run.quota(till) for till in range(run.virtual))
        assert virtual + run.by_browser * run.browsers == run.sales
