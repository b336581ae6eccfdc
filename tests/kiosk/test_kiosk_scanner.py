"""The scanner: told from typing by its pace, wherever the focus is, without a trace."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.support.till_page import Hands, eventually

EAN = "4006381333931"
OTHER = "4012345678901"


async def scans(hands: Hands) -> list[str]:
    """What has been read, once the queue has had a moment."""
    return await hands.page.evaluate("new Promise((done) => setTimeout(() => done(window.scans), 30))")


async def put(page: Page, html: str) -> None:
    """Put an element into the page; the policy forbids strings of HTML, so it is parsed aside."""
    tag, _, attributes = html.partition(" ")
    await page.evaluate(
        """([tag, attributes]) => {
             const element = document.createElement(tag);
             for (const [, name, value] of attributes.matchAll(/(\\w+)=(\\S+)/g)) element.setAttribute(name, value);
             element.id = "it";
             window.clicks = 0;
             element.addEventListener("click", () => { window.clicks += 1; });
             const form = document.createElement("form");
             window.submits = 0;
             form.addEventListener("submit", (event) => { event.preventDefault(); window.submits += 1; });
             if (tag === "select") for (const one of ["a", "4 apples", "b"]) element.append(new Option(one));
             form.append(element);
             document.body.replaceChildren(form);
             element.focus();
           }""",
        [tag, attributes],
    )


async def test_a_scan_is_read_with_nothing_focused(hands: Hands) -> None:
    await hands.scan(EAN)
    assert await scans(hands) == [EAN]


async def test_tab_ends_a_scan_as_enter_does_and_moves_no_focus(hands: Hands) -> None:
    await put(hands.page, "input type=text")
    await hands.scan(EAN, end="Tab")
    assert await scans(hands) == [EAN]
    assert await hands.page.evaluate("document.activeElement.id") == "it"


@pytest.mark.parametrize("element", ["input type=text", "input type=search", "textarea rows=2"])
async def test_a_field_keeps_its_text_and_caret(hands: Hands, element: str) -> None:
    await put(hands.page, element)
    await hands.page.evaluate("() => { it.value = 'ab cd'; it.setSelectionRange(2, 2); }")
    await hands.scan(EAN)
    assert await scans(hands) == [EAN]
    assert await hands.page.evaluate("[it.value, it.selectionStart, it.selectionEnd, window.submits]") == [
        "ab cd",
        2,
        2,
        0,
    ]


async def test_a_number_field_keeps_its_number(hands: Hands) -> None:
    await put(hands.page, "input type=number")
    await hands.page.evaluate("it.value = '7'")
    await hands.scan(EAN)
    assert [await scans(hands), await hands.page.evaluate("it.value")] == [[EAN], "7"]


async def test_a_button_is_not_pressed_and_a_form_not_sent(hands: Hands) -> None:
    await put(hands.page, "button type=submit")
    await hands.scan("SHELF 12345")
    assert await scans(hands) == ["SHELF 12345"]
    assert await hands.page.evaluate("[window.clicks, window.submits]") == [0, 0]


async def test_a_list_keeps_its_choice(hands: Hands) -> None:
    await put(hands.page, "select size=1")
    await hands.scan(EAN)
    assert [await scans(hands), await hands.page.evaluate("it.selectedIndex")] == [[EAN], 0]


async def test_what_a_person_typed_before_stays(hands: Hands) -> None:
    await put(hands.page, "input type=text")
    await hands.rest()
    await hands.type("12", 150)
    await hands.scan(EAN)
    assert [await scans(hands), await hands.page.evaluate("it.value")] == [[EAN], "12"]


async def test_two_scans_back_to_back_never_mix(hands: Hands) -> None:
    await hands.page.evaluate("window.wait = 60")
    await hands.scan(EAN)
    await hands.scan(OTHER, pause=5)
    await hands.scan(EAN, pause=5)
    await eventually(lambda: scans(hands), [EAN, OTHER, EAN])


async def test_typing_stays_typing(hands: Hands) -> None:
    await put(hands.page, "input type=text")
    await hands.scan("12345678", gap=70)
    assert [await scans(hands), await hands.page.evaluate("[it.value, window.submits]")] == [[], ["12345678", 1]]


async def test_a_held_key_is_no_scan(hands: Hands) -> None:
    await put(hands.page, "input type=text")
    await hands.rest()
    await hands.key("7", "Digit7", "7", 10)
    for _ in range(12):
        await hands.key("7", "Digit7", "7", 30, repeat=True)
    await hands.key("Enter", "Enter", "\r", 10)
    assert await scans(hands) == []


async def test_five_fast_characters_are_no_scan(hands: Hands) -> None:
    await hands.scan("12345")
    assert await scans(hands) == []


async def stutter(hands: Hands, first: str, hole: float, rest: str) -> list[object]:
    """A scan in two pieces into a field that holds "ab"; gives what was read, and the field."""
    await put(hands.page, "input type=text")
    await hands.page.evaluate("it.value = 'ab'")
    await hands.rest()
    await hands.type(first)
    hands.clock += hole
    await hands.type(rest)
    await hands.key("Enter", "Enter", "\r", 8)
    return [await scans(hands), await hands.page.evaluate("it.value")]


@pytest.mark.parametrize("cut", [1, 3, 6, 10, 12])
@pytest.mark.parametrize("hole", [0.12, 0.2, 0.24])
async def test_a_scanner_that_stutters_is_put_together(hands: Hands, cut: int, hole: float) -> None:
    assert await stutter(hands, EAN[:cut], hole, EAN[cut:]) == [[EAN], "ab"]


async def test_pieces_that_make_no_code_leave_nothing_behind(hands: Hands) -> None:
    assert await stutter(hands, "403", 0.2, EAN[6:]) == [[EAN[6:]], "ab"]


async def test_a_longer_hole_is_never_bridged(hands: Hands) -> None:
    assert await stutter(hands, EAN[:6], 0.4, EAN[6:]) == [[EAN[6:]], "ab" + EAN[:6]]


@pytest.mark.parametrize("pause", [0.06, 0.11, 0.2])
async def test_a_digit_typed_just_before_a_scan_stays_typed(hands: Hands, pause: float) -> None:
    assert await stutter(hands, "3", pause, EAN) == [[EAN], "ab3"]


async def test_single_slow_gaps_are_forgiven_by_the_mean(hands: Hands) -> None:
    await hands.rest()
    await hands.type(EAN[:7])
    hands.clock += 0.1
    await hands.type(EAN[7:])
    await hands.key("Enter", "Enter", "\r", 8)
    assert await scans(hands) == [EAN]


async def test_a_busy_page_still_reads(hands: Hands) -> None:
    await hands.page.evaluate(
        "setTimeout(() => { const end = performance.now() + 400; while (performance.now() < end); }, 20)"
    )
    await hands.scan(EAN)
    await eventually(lambda: scans(hands), [EAN])


async def test_a_us_scanner_on_a_french_keyboard_still_sends_digits(hands: Hands) -> None:
    await hands.scan(EAN, azerty=True)
    assert await scans(hands) == [EAN]


async def test_the_second_enter_of_a_scanner_presses_nothing(hands: Hands) -> None:
    await put(hands.page, "button type=button")
    await hands.scan(EAN)
    await hands.key("Enter", "Enter", "\r", 5)
    assert [await scans(hands), await hands.page.evaluate("window.clicks")] == [[EAN], 0]


async def test_a_prefix_makes_a_slow_scanner_certain(hands: Hands) -> None:
    await hands.page.evaluate("window.prefix = '~'")
    await hands.scan("~" + EAN, gap=90)
    assert await scans(hands) == [EAN]


async def test_a_key_that_only_scanners_have_is_a_prefix_too(hands: Hands) -> None:
    await hands.rest()
    await hands.key("F13", "F13", "", 10)
    await hands.type("123", 90)
    await hands.key("Enter", "Enter", "\r", 90)
    assert await scans(hands) == ["123"]


async def test_a_symbology_id_comes_through(hands: Hands) -> None:
    await hands.scan("]E0" + EAN)
    assert await scans(hands) == ["]E0" + EAN]


async def pin_pad(hands: Hands, typed: str = "") -> None:
    """A field stands for the pad: what it holds when Enter reaches it is in `entered`."""
    await put(hands.page, "input type=text")
    await hands.page.evaluate(
        """(typed) => {
          window.pin = true;
          window.entered = [];
          it.value = typed;
          it.addEventListener("keydown", (event) => { if (event.key === "Enter") window.entered.push(it.value); });
        }""",
        typed,
    )


@pytest.mark.parametrize("typed", ["6272", "62729", "627294", "6272943", "62729431", "40123456"])
async def test_digits_of_a_quick_keypad_are_a_pin_where_one_is_typed(hands: Hands, typed: str) -> None:
    await pin_pad(hands)
    await hands.scan(typed, gap=5)
    assert [await scans(hands), await hands.page.evaluate("entered")] == [[], [typed]]


async def test_a_hand_may_begin_what_a_quick_keypad_ends(hands: Hands) -> None:
    await pin_pad(hands)
    await hands.rest()
    await hands.type("62", 200)
    await hands.type("729431", 5)
    await hands.key("Enter", "Enter", "\r", 5)
    assert [await scans(hands), await hands.page.evaluate("entered")] == [[], ["62729431"]]


@pytest.mark.parametrize("code", [EAN, "123456789", "CB7Q2M4X9T0A1B3C5D", "62729A"])
async def test_what_can_be_no_pin_is_a_scan_there_too_and_leaves_the_digits_alone(hands: Hands, code: str) -> None:
    await pin_pad(hands, "62")
    await hands.scan(code, gap=5)
    assert [await scans(hands), await hands.page.evaluate("[entered, it.value]")] == [[code], [[], "62"]]


async def test_a_prefix_that_only_the_scanner_sends_is_no_pin(hands: Hands) -> None:
    await pin_pad(hands)
    await hands.page.evaluate("window.prefix = '~'")
    await hands.scan("~627294", gap=5)
    assert [await scans(hands), await hands.page.evaluate("entered")] == [["627294"], []]
