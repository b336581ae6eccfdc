"""Passwords: which are refused, that nothing is cut off, and that old hashes are made anew."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from retail.identity import queries
from retail.identity.passwords import make_hash, needs_rehash, password_fits
from retail.identity.rules import PASSWORD_LEAST, PASSWORD_MOST, password_problems
from retail.identity.words import common_passwords
from tests.support.web import PASSWORD, Site, enrol
from tests.support.world import Shop

ABOUT = ("olga.brandt@corner.example", "Olga Brandt")


def test_the_shipped_list_is_long_and_holds_the_usual_ones() -> None:
    found = common_passwords()
    assert len(found) == 16_290
    assert {"password", "iloveyou", "princess", "baseball", "trustno1"} <= found
    assert all(len(word) >= 8 and word == word.casefold() for word in found)


@pytest.mark.parametrize(
    "weak",
    [
        "elevenchars",
        "x" * 129,
        "Password2024!",
        "P@ssw0rd1234",
        "!!!iloveyou!!!",
        "trustno1trustno1",
        "abcabcabcabcabc",
        "aaaaaaaaaaaabbb",
        "123456789012",
        "lkjihgfedcba",
        "qwertyuiopasdf",
        "fdsapoiuytrewq",
        "olgabrandt2024",
        "Olga.Brandt@corner",
        "countertop-1234",
        "corner.example 12",
    ],
)
def test_a_guessable_password_is_refused_with_one_sentence(weak: str) -> None:
    assert len(password_problems(weak, ABOUT)) == 1


@pytest.mark.parametrize(
    "strong",
    [
        "three cups of green tea",
        "an umbrella in the rain",
        "     spaces count too     ",
        "drei Tassen grüner Tee",
        "緑茶を三杯ください、冷たいのを",
        "v8#Kq2!mZx0$",
        "olga likes 12 purple trams",
        "z" + "many words " * 6,
    ],
)
def test_a_long_one_is_taken_whatever_it_is_made_of(strong: str) -> None:
    assert PASSWORD_LEAST <= len(strong) <= PASSWORD_MOST
    assert password_problems(strong, ABOUT) == []


NEWBIE = ("newbie@corner.example", "New Bie", "Corner Shop", "corner")


@pytest.mark.parametrize(
    "own",
    [
        "Corner1234567890",
        "newbie1234567890",
        "New Bie New Bie",
        "cornershop2026",
        "CornerShop-CornerShop",
        "C0rner$hop2026!!",
        "n3wb1e@corner.example",
        "corner shop corner shop",
        "Corner Shop 20262027",
        "corner-qwertyuiop",
        "cornerqwertz2026",
        "newbieasdfghjkl",
        "corner zyxwvutsrq",
        "newbie!!!!!!!!!!",
        "corner aaaaaaaaaa",
        "corner xyz corner xyz corner xyz",
        "cornerpassword1",
        "newbie iloveyou!",
        "bie-new-corner-42",
        "countertop-corner",
        "NEWBIE@CORNER.EXAMPLE",
        "".join(chr(ord(c) + 0xFEE0) for c in "Corner1234567890"),  # the same, full width
    ],
)
def test_little_more_than_ones_own_words_is_refused_and_says_so(own: str) -> None:
    [said] = password_problems(own, NEWBIE)
    assert said.startswith("This is little more than words of one's own name, address or business.")


@pytest.mark.parametrize(
    "long",
    [
        "the corner where nobody waits",
        "newbie drinks green tea",
        "Corner Shop sells purple umbrellas in 2026",
        "corner-v8#Kq2!mZx0$",
        "a new bicycle for my uncle",
        "483920174652",
        "an umbrella in the rain",
    ],
)
def test_a_good_one_that_holds_ones_name_among_other_things_is_taken(long: str) -> None:
    assert password_problems(long, NEWBIE) == []


async def test_the_account_page_and_a_link_by_mail_know_the_businesses_of_a_person(site: Site, shop: Shop) -> None:
    person, email, secret = await enrol(site.db, shop.tenant.id, "owner")
    async with site.db.platform() as unit:
        about = await queries.about(unit, person, email)
    assert about == [email, shop.tenant.name, shop.tenant.slug]
    new = f"{shop.tenant.slug}-2026"
    typed = {"password_now": PASSWORD, "password_new": new}
    refused = await site.visitor(secret).post("/account/password", data=typed)
    assert (refused.status_code, "little more than words" in refused.text) == (422, True)
    added = await site.visitor(secret).post(
        f"/t/{shop.tenant.slug}/people",
        data={"email": "nova@shop.example", "name": "Nova", "role": "clerk", "password": new},
    )
    assert (added.status_code, "little more than words" in added.text) == (422, True)


@pytest.mark.parametrize("length", [64, 128])
async def test_nothing_of_a_long_password_is_cut_off(length: int) -> None:
    password = ("grüne Tassen " * 20)[:length]
    assert await password_fits(password, make_hash(password))
    assert not await password_fits(password[:-1], make_hash(password))


def test_a_hash_with_other_parameters_is_to_be_made_anew() -> None:
    assert not needs_rehash(make_hash("anything at all"))
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("anything at all"))


async def test_signing_in_makes_an_old_hash_anew(site: Site, shop: Shop) -> None:
    person, email, _ = await enrol(site.db, shop.tenant.id, "owner")
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with site.db.platform() as unit:
        await unit.execute("SELECT auth_set_password($1, $2)", person, old)
    wrong = await site.visitor().post("/sign-in", data={"email": email, "password": "not this one at all"})
    async with site.db.platform() as unit:
        kept = await unit.fetchval("SELECT password_hash FROM auth_person($1)", email)
    assert (wrong.status_code, kept) == (401, old)
    assert (await site.visitor().post("/sign-in", data={"email": email, "password": PASSWORD})).status_code == 303
    async with site.db.platform() as unit:
        made = await unit.fetchval("SELECT password_hash FROM auth_person($1)", email)
    assert made != old
    assert not needs_rehash(made)
    assert (await site.visitor().post("/sign-in", data={"email": email, "password": PASSWORD})).status_code == 303
