"""What somebody may do, worked out from the roles they hold; and how far one's rights reach into another's. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from uuid import UUID

from retail.identity.permissions import ALL, ASKS, PER_STORE
from retail.runtime.tenancy import NO_RIGHTS, Right, Scope

Rights = Mapping[str, Right]
_NOWHERE: Final[Mapping[UUID, Rights]] = {}


@dataclass(frozen=True, slots=True)
class Held:
    """The rights of one role, held in a store or, without one, in all of them."""

    store: UUID | None
    rights: Rights


@dataclass(frozen=True, slots=True)
class Holding:
    """All that somebody may do at a moment; the members mean what Scope's members of the same names mean."""

    rights: Rights = field(default_factory=lambda: NO_RIGHTS)
    store_rights: Mapping[UUID, Rights] = field(default_factory=lambda: _NOWHERE)
    stores: frozenset[UUID] | None = frozenset()
    permissions: frozenset[str] = frozenset()
    whole: bool = True
    """Whether nothing of it was cut off; see Scope.curtailed."""

    def put_on(self, scope: Scope) -> Scope:
        """Give the scope with these rights instead of its own."""
        return replace(
            scope,
            permissions=self.permissions,
            rights=self.rights,
            store_rights=self.store_rights,
            stores=self.stores,
            curtailed=not self.whole,
        )


def hold(held: Iterable[Held]) -> Holding:
    """Merge roles: per permission and store the most permissive wins. A store's role gives no right of the business."""
    everywhere: dict[str, Right] = {}
    alone: defaultdict[UUID, dict[str, Right]] = defaultdict(dict)
    reaches_all = False
    for one in held:
        if one.store is None:
            reaches_all = True
            _add(everywhere, one.rights)
        else:
            _add(alone[one.store], {name: right for name, right in one.rights.items() if name in PER_STORE})
    store_rights: dict[UUID, Rights] = {}
    for store, rights in alone.items():
        _add(rights, everywhere)
        store_rights[store] = rights
    shared = everywhere if reaches_all else _common(store_rights.values())
    names = {name for rights in (shared, *store_rights.values()) for name, right in rights.items() if not right.shut}
    return Holding(shared, store_rights, None if reaches_all else frozenset(store_rights), frozenset(names))


@lru_cache(maxsize=2048)
def read_holding(text: str) -> Holding:
    """Merge what the database's auth_rights() gave; permissions that the table doesn't know are left out.

    The same text gives the same holding, so it is read once: people of one role share theirs.
    """
    given = json.loads(text)
    found: dict[UUID | None, list[Held]] = {_store(store): [] for store, _role in given["held"]}
    for store, name, state, limit in given["rights"]:
        if name in ALL:
            found[_store(store)].append(Held(_store(store), {name: right_of(name, state, limit)}))
    return hold(one for store, several in found.items() for one in (Held(store, {}), *several))


def right_of(name: str, state: str, limit: int | None) -> Right:
    """Give a right as it is stored; one that needs approval is shut where nothing asks for approvals yet."""
    if state == "allowed":
        return Right("allowed", limit)
    return Right("approval", shut=name not in ASKS)


def beyond(actor: Scope, rights: Rights, store: UUID | None = None) -> list[str]:
    """Name the permissions of a role that go beyond what the actor may give for a store, or for all of them.

    Owners and the product itself may give everything: who keeps the keys can't lock themselves out of a right. What an
    owner's narrowed token holds is all that it may give.
    """
    if is_key_keeper(actor):
        return []
    if store is None and actor.stores is not None:
        return sorted(rights)
    given = rights if store is None else {name: right for name, right in rights.items() if name in PER_STORE}
    return sorted(name for name, right in given.items() if not _reaches(actor.right(name, store), right))


def is_key_keeper(actor: Scope) -> bool:
    """Claim that the actor is an owner with all that belongs to one, or the product itself."""
    return actor.role == "system" or (actor.role == "owner" and not actor.curtailed)


def _reaches(own: Right | None, other: Right) -> bool:
    return own is not None and own.covers(other)


def _add(into: dict[str, Right], rights: Rights) -> None:
    for name, right in rights.items():
        had = into.get(name)
        into[name] = right if had is None or right.covers(had) else had


def _common(several: Iterable[Rights]) -> dict[str, Right]:
    """Give what holds in all of them: the least permissive of each right."""
    common: dict[str, Right] | None = None
    for rights in several:
        if common is None:
            common = dict(rights)
            continue
        common = {
            name: right if common[name].covers(right) else common[name]
            for name, right in rights.items()
            if name in common
        }
    return common or {}


def _store(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
