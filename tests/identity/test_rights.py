"""What roles add up to, and that nobody can give more than they have."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail.identity.permissions import ALL, ASKS, OWNERS_KEEP, PER_STORE, PERMISSIONS, ROLES, TEMPLATES, permission
from retail.identity.rights import Held, beyond, hold, right_of
from retail.kit.errors import Forbidden, NeedsApproval
from retail.kit.ids import new_id
from retail.runtime.tenancy import Actor, Right, Scope

ORDER = {"allowed": 2, "approval": 1, "denied": 0}
STORES = [UUID(int=1), UUID(int=2)]
BRIEF = settings(max_examples=100, deadline=None)
AMOUNTS = (None, 0, 999, 1_000, 1_001, 10**9)


def scope(*held: Held, role: str = "custom") -> Scope:
    return hold(held).put_on(Scope(new_id(), Actor("person", new_id(), "Max"), role=role))


def some_right(name: str) -> st.SearchStrategy[Right | None]:
    limits = st.sampled_from([None, 0, 1_000, 5_000]) if permission(name).limit else st.none()
    return st.one_of(
        st.none(), st.just(right_of(name, "approval", None)), limits.map(lambda limit: right_of(name, "allowed", limit))
    )


some_rights = st.fixed_dictionaries({name: some_right(name) for name in sorted(ALL)}).map(
    lambda rights: {name: right for name, right in rights.items() if right is not None}
)
some_held = st.builds(Held, st.sampled_from([None, *STORES]), some_rights)


@pytest.mark.parametrize("role", sorted(TEMPLATES))
@pytest.mark.parametrize("one", PERMISSIONS, ids=lambda one: one.name)
def test_every_template_decides_as_the_table_says(role: str, one: object) -> None:
    name = one.name  # type: ignore[attr-defined]
    stored = TEMPLATES[role].get(name)
    held = {} if stored is None else {name: right_of(name, stored.state, stored.limit)}
    acting = scope(Held(None, held))
    expected = "denied" if stored is None else stored.state
    assert acting.decide(name) == expected
    assert acting.may(name) == (stored is not None and (stored.state == "allowed" or name in ASKS))
    assert acting.may(name) == (name in ROLES[role])
    if stored is not None and stored.limit is not None:
        assert acting.decide(name, stored.limit) == "allowed"
        assert acting.decide(name, stored.limit + 1) == "approval"


@pytest.mark.parametrize("one", PERMISSIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("state", ["allowed", "approval", "denied"])
def test_each_state_of_each_permission_opens_or_shuts(one: object, state: str) -> None:
    name = one.name  # type: ignore[attr-defined]
    acting = scope(Held(None, {} if state == "denied" else {name: right_of(name, state, None)}))
    assert acting.decide(name, 5) == state
    if state == "allowed" or (state == "approval" and name in ASKS):
        acting.require(name)
        acting.require_in(name, STORES[0])
    else:
        with pytest.raises(NeedsApproval if state == "approval" else Forbidden) as refused:
            acting.require(name)
        assert refused.value.permission == name
        assert not acting.may_in(name, STORES[0])


@BRIEF
@given(st.lists(some_held, max_size=4), st.sampled_from(sorted(ALL)), st.sampled_from(AMOUNTS))
def test_a_union_decides_like_the_best_of_its_parts(held: list[Held], name: str, amount: int | None) -> None:
    acting = scope(*held)
    for store in STORES:
        parts = [
            one.rights[name].decide(amount) if name in one.rights else "denied"
            for one in held
            if one.store is None or (one.store == store and name in PER_STORE)
        ]
        best = max(parts, key=ORDER.__getitem__, default="denied")
        assert acting.decide(name, amount, store) == best
    if acting.decide(name, amount) == "allowed":
        reached = STORES if acting.stores is None else acting.stores
        assert all(acting.decide(name, amount, store) == "allowed" for store in reached)


@BRIEF
@given(st.lists(some_held, max_size=4))
def test_a_role_for_one_store_gives_nothing_elsewhere_and_no_right_of_the_business(held: list[Held]) -> None:
    alone = [one for one in held if one.store is not None]
    acting = scope(*alone)
    assert acting.permissions <= PER_STORE
    assert acting.stores == frozenset(one.store for one in alone)
    elsewhere = UUID(int=99)
    assert not any(acting.may_in(name, elsewhere) for name in ALL)
    for name in acting.permissions:
        assert acting.narrowed(name).stores == frozenset(s for s in STORES if acting.may_in(name, s))


@BRIEF
@given(some_rights, some_rights, st.sampled_from([None, *STORES]), st.sampled_from(AMOUNTS))
def test_nobody_gives_more_than_they_have(
    own: dict[str, Right], other: dict[str, Right], store: UUID | None, amount: int | None
) -> None:
    giver = scope(Held(None, own))
    if beyond(giver, other, store):
        return
    taker = scope(Held(store, other))
    for name in ALL:
        for place in STORES if store is None else [store]:
            assert ORDER[taker.decide(name, amount, place)] <= ORDER[giver.decide(name, amount, place)]


@BRIEF
@given(some_rights)
def test_who_holds_rights_in_one_store_gives_none_for_all(own: dict[str, Right]) -> None:
    giver = scope(Held(STORES[0], own))
    assert beyond(giver, own) == sorted(own)
    assert beyond(giver, own, STORES[0]) == []
    assert beyond(giver, own, STORES[1]) == sorted(name for name in own if name in PER_STORE)


def test_owners_can_always_give_back_what_they_took_from_themselves() -> None:
    assert beyond(scope(Held(None, {}), role="owner"), TEMPLATES["owner"]) == []
    assert set(TEMPLATES["owner"]) >= OWNERS_KEEP


def test_a_scope_without_rights_of_its_own_goes_by_its_permissions() -> None:
    plain = Scope(new_id(), Actor("person", new_id(), "Max"), frozenset({"sell"}), stores=frozenset({STORES[0]}))
    assert (plain.decide("sell"), plain.decide("refund")) == ("allowed", "denied")
    assert (plain.may_in("sell", STORES[0]), plain.may_in("sell", STORES[1])) == (True, False)
    assert Scope.system(new_id()).may_in("sell", STORES[1])
