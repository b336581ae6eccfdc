"""The demo's people: one of every role that can be tried, and the clerks who stood at the tills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from retail.identity.operations import NewMember, add_member, open_account
from retail.identity.passwords import make_hash
from retail.runtime.db import Tx
from retail.runtime.tenancy import Actor

PASSWORD: Final = "corner-shop-demo"  # noqa: S105 - printed at every start of the demo, on purpose
_OPERATOR: Final = ("operator@countertop.example", "Otto Operator")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the business; `store` is the place (0, 1, 2) of the store whose tills a clerk stands at."""

    email: str
    name: str
    role: str
    store: int = 0


PEOPLE: Final = (
    Person("owner@corner.example", "Olga Brandt", "owner"),
    Person("manager@corner.example", "Marta Vogel", "manager"),
    Person("clerk@corner.example", "Anna Keller", "clerk", 0),
    Person("viewer@corner.example", "Viktor Lang", "viewer"),
    Person("ben@corner.example", "Ben Yilmaz", "clerk", 0),
    Person("carla@corner.example", "Carla Rossi", "clerk", 0),
    Person("david@corner.example", "David Nowak", "clerk", 0),
    Person("emine@corner.example", "Emine Demir", "clerk", 1),
    Person("felix@corner.example", "Felix Sommer", "clerk", 1),
    Person("gesa@corner.example", "Gesa Petersen", "clerk", 1),
    Person("hamid@corner.example", "Hamid Karimi", "clerk", 2),
    Person("ines@corner.example", "Ines Castro", "clerk", 2),
    Person("jonas@corner.example", "Jonas Winter", "clerk", 2),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """Who acts in the demo's past: the manager, and the clerks of each store."""

    manager: Actor
    clerks: tuple[tuple[Actor, ...], ...]


def logins() -> list[tuple[str, str, str]]:
    """List role, e-mail and password of one person of every role."""
    firsts = {person.role: person.email for person in reversed(PEOPLE)}
    ranked = [(role, firsts[role], PASSWORD) for role in ("owner", "manager", "clerk", "viewer")]
    return [*ranked, ("operator", _OPERATOR[0], PASSWORD)]


async def take_on(tx: Tx, stores: int) -> Staff:
    """Give everybody an account and a place in the business. The password is hashed once: hashing is slow by design."""
    hashed = make_hash(PASSWORD)
    await open_account(tx, *_OPERATOR, hashed, at=tx.now, operator=True)
    known: list[tuple[Person, Actor]] = []
    for person in PEOPLE:
        member = await add_member(tx, NewMember(person.email, person.name, person.role, hashed))
        known.append((person, Actor("person", member.person_id, person.name)))
    manager = next(actor for person, actor in known if person.role == "manager")
    clerks = tuple(
        tuple(actor for person, actor in known if person.role == "clerk" and person.store == store)
        for store in range(stores)
    )
    return Staff(manager, clerks)
