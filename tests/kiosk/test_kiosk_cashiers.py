"""The till's own half of devices: lock-out by the shared table, verifiers bound to a key that can't be read out."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from retail.identity import device_rules as rules

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "pin_lockout.json").read_text())
CHOICES = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "pin_choices.json").read_text())
CASHIERS = """async () => {
  const { Cashiers } = await import("/kiosk/till/cashiers.js");
  const { Refused, Unreachable } = await import("/kiosk/till/api.js");
  const { openDevice } = await import("/kiosk/till/db.js");
  const { makeKeys } = await import("/kiosk/till/proofs.js");
  const db = await openDevice(`t${crypto.randomUUID()}`);
  window.answer = null;
  window.now = Date.parse("2026-11-20T10:00:00Z");
  const ask = async () => {
    if (!window.answer) throw new Unreachable("away");
    if (window.answer.code) throw new Refused(409, window.answer);
    return window.answer;
  };
  const own = { id: "d1", keys: await makeKeys() };
  window.desk = new Cashiers(db, own, { post: ask, put: ask }, () => window.now);
  window.kept = (store) => db.getAll(store);
  await window.desk.keepRoster([{ id: "anna", name: "Anna", pin: 7, badge: 3 }]);
}"""


@pytest.fixture
async def desk(bare: Page) -> Page:
    """A page with an empty device on it; `window.answer` is what the server says, nothing while it is away."""
    await bare.evaluate(CASHIERS)
    return bare


async def server(page: Page, answer: dict[str, Any] | None) -> None:
    await page.evaluate("(answer) => { window.answer = answer; }", answer)


async def try_pin(page: Page, pin: str) -> Any:
    return await page.evaluate("(pin) => window.desk.byPin('anna', pin)", pin)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["why"])
async def test_wrong_pins_ask_for_pauses_as_the_table_says(bare: Page, case: dict[str, Any]) -> None:
    found = await bare.evaluate(
        """async ({ failures, last_at, now }) => {
          const { standing, secondsToWait } = await import("/kiosk/till/lockout.js");
          const tries = { failures, last_at: Date.parse(last_at) };
          return [standing(tries, Date.parse(now)), secondsToWait(tries, Date.parse(now))];
        }""",
        case,
    )
    assert found == [case["standing"], case["wait"]]


async def test_a_pin_is_chosen_as_the_vectors_say(bare: Page) -> None:
    found = await bare.evaluate(
        """async (pins) => {
          const { pinProblem } = await import("/kiosk/till/view_cashier.js");
          return pins.map(pinProblem);
        }""",
        [case["pin"] for case in CHOICES],
    )
    assert found == [case["problem"] for case in CHOICES]


@pytest.mark.shell
async def test_a_pin_of_ones_own_is_judged_when_it_is_first_typed(bare: Page) -> None:
    await bare.evaluate("""async () => {
      const { CashierView } = await import("/kiosk/till/view_cashier.js");
      const { change } = await import("/kiosk/till/state.js");
      window.asked = [];
      const cashiers = {
        roster: [],
        byPin: async () => ({ choose: "anna" }),
        choose: async (...typed) => { window.asked.push(typed); return { person: "anna", online: true }; },
      };
      const view = new CashierView({ cashiers, take: (answer) => { window.taken = answer.person; } });
      document.body.replaceChildren(view.root);
      change({ lock: { kind: "device" } });
      view.pick({ id: "anna", name: "Anna", pin: 1, badge: 0 });
    }""")
    asked, problem = bare.locator("p[role=status]"), bare.locator("p[role=alert]")

    async def typed(pin: str) -> None:
        await bare.keyboard.type(pin)
        await bare.keyboard.press("Enter")

    await typed("583921")
    await expect(asked).to_have_text("Choose a PIN of your own: 4 to 8 digits")
    for refused, why in (("1234", "tried first by everybody"), ("96385074", "the number of an article")):
        await typed(refused)
        await expect(problem).to_contain_text(why)
        await expect(asked).to_have_text("Choose a PIN of your own: 4 to 8 digits")
    await typed("7391")
    await expect(asked).to_have_text("The same again")
    await expect(problem).to_be_hidden()
    await typed("7391")
    await bare.wait_for_function("() => window.taken === 'anna'")
    assert await bare.evaluate("() => window.asked") == [["anna", "583921", "7391"]]


@pytest.mark.parametrize(("wait", "said"), [(1, "Wait 1 second, or"), (30, "Wait 30 seconds, or")])
async def test_a_pause_is_told_in_the_right_number(bare: Page, wait: int, said: str) -> None:
    sentence = await bare.evaluate(
        """async (wait) => (await import("/kiosk/till/pin_answers.js")).sentence({ wait, left: 3 })""", wait
    )
    assert said in sentence


async def test_somebody_who_was_never_right_here_cannot_be_checked_alone(desk: Page) -> None:
    assert await try_pin(desk, "7391") == {"problem": "unknown_here"}


async def test_a_pin_that_was_right_once_is_known_without_the_server(desk: Page) -> None:
    await server(desk, {"one_time": False, "version": 7})
    assert await try_pin(desk, "7391") == {"person": "anna", "online": True}
    await server(desk, None)
    assert await try_pin(desk, "7391") == {"person": "anna", "online": False}
    assert await try_pin(desk, "7390") == {"wait": 0, "left": 19}
    kept = json.dumps(
        await desk.evaluate("async () => [await kept('verifiers'), await kept('tries'), await kept('own')]")
    )
    assert "7391" not in kept
    assert "7390" not in kept


async def test_a_wrong_try_counts_before_it_is_looked_at_and_a_right_one_forgets(desk: Page) -> None:
    await server(desk, {"one_time": False, "version": 7})
    await try_pin(desk, "7391")
    await server(desk, None)
    told = [await try_pin(desk, "1111") for _ in range(6)]
    assert [one["wait"] for one in told] == [0, 0, 0, 0, 30, 30]
    assert await try_pin(desk, "7391") == {"wait": 30, "left": 0}
    await desk.evaluate("() => { window.now += 31_000; }")
    assert await try_pin(desk, "7391") == {"person": "anna", "online": False}
    assert await desk.evaluate("() => kept('tries')") == []


async def test_a_wrong_try_that_the_server_does_not_see_is_a_record(desk: Page) -> None:
    await desk.evaluate("""async () => {
      const { till } = await import("/kiosk/till/context.js");
      window.records = [];
      till.journal = { append: async (kind, build) => { window.records.push([kind, build({}).payload]); } };
    }""")
    await server(desk, {"one_time": False, "version": 7})
    await try_pin(desk, "7391")
    await server(desk, {"code": "wrong_pin", "left": 19, "wait": 0})
    await try_pin(desk, "2222")  # the server has it on its trail
    await server(desk, None)
    for pin in ("1111", "1112", "7391"):
        await try_pin(desk, pin)
    records = await desk.evaluate("() => window.records")
    assert [(kind, said["person"], said["failures"]) for kind, said in records] == [
        ("pin_wrong", "anna", 2),
        ("pin_wrong", "anna", 3),
    ]
    assert "1111" not in json.dumps(records)


async def test_the_servers_count_goes_on_here_when_it_is_away(desk: Page) -> None:
    await server(desk, {"one_time": False, "version": 7})
    await try_pin(desk, "7391")
    await server(desk, {"code": "wrong_pin", "left": 1, "wait": 0})
    assert await try_pin(desk, "1111") == {"wait": 0, "left": 1}
    await server(desk, None)
    assert await try_pin(desk, "1111") == {"wait": None, "left": 0}
    await desk.evaluate("() => { window.now += 3 * 24 * 3600_000; }")
    assert await try_pin(desk, "7391") == {"wait": None, "left": 0}


@pytest.mark.parametrize(
    ("roster", "why"),
    [
        ([{"id": "anna", "name": "Anna", "pin": 8, "badge": 3}], "the PIN was changed"),
        ([{"id": "anna", "name": "Anna", "pin": 0, "badge": 3}], "the PIN was taken"),
        ([], "she left"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_kept_of_a_pin_goes_when_the_server_says_so(
    desk: Page, roster: list[dict[str, Any]], why: str
) -> None:
    await server(desk, {"one_time": False, "version": 7})
    await try_pin(desk, "7391")
    await desk.evaluate("(roster) => window.desk.keepRoster(roster)", roster)
    await server(desk, None)
    assert await try_pin(desk, "7391") == {"problem": "unknown_here"}, why
    assert await desk.evaluate("() => kept('verifiers')") == []


async def test_what_is_kept_of_a_pin_goes_after_thirty_days(desk: Page) -> None:
    await server(desk, {"one_time": False, "version": 7})
    await try_pin(desk, "7391")
    await desk.evaluate("() => { window.now += 31 * 24 * 3600_000; }")
    await desk.evaluate("() => window.desk.keepRoster([{ id: 'anna', name: 'Anna', pin: 7, badge: 3 }])")
    assert await desk.evaluate("() => kept('verifiers')") == []


async def test_a_badge_is_known_without_the_server_and_is_not_kept(desk: Page) -> None:
    badge = rules.new_badge()
    scan = "(badge) => window.desk.byBadge(badge)"
    assert await desk.evaluate(scan, badge) == {"problem": "unknown_here"}
    await server(desk, {"person": "anna", "version": 3})
    assert await desk.evaluate(scan, badge.lower()) == {"person": "anna", "online": True}
    await server(desk, None)
    assert await desk.evaluate(scan, badge) == {"person": "anna", "online": False}
    assert await desk.evaluate(scan, rules.new_badge()) == {"problem": "unknown_here"}
    assert badge not in json.dumps(await desk.evaluate("() => kept('verifiers')"))


async def test_signatures_of_the_browser_fit_on_the_server(bare: Page) -> None:
    made = await bare.evaluate(
        """async () => {
          const { makeKeys, prove, signRecord } = await import("/kiosk/till/proofs.js");
          const keys = await makeKeys();
          const refused = await crypto.subtle.exportKey("pkcs8", keys.sign).then(() => "", (error) => error.name);
          const bound = await crypto.subtle.exportKey("raw", keys.bind).then(() => "", (error) => error.name);
          const proved = [await prove(keys.sign, "session", "d1", "c1"), await signRecord(keys.sign, "ab".repeat(32))];
          return [keys.public_key, ...proved, refused, bound];
        }"""
    )
    public, session, record, refused, bound = made
    point = rules.read_base64(public)
    origin = bare.url.rstrip("/")
    assert rules.is_public_key(point)
    assert rules.signature_fits(point, rules.message("session", origin, "d1", "c1"), session)
    assert not rules.signature_fits(point, rules.message("farewell", origin, "d1", "c1"), session)
    assert rules.signature_fits(point, rules.record_message("ab" * 32), record)
    assert (refused, bound) == ("InvalidAccessError", "InvalidAccessError")


async def test_a_code_is_read_however_it_came(bare: Page) -> None:
    read = """async (typed) => {
      document.body.append(Object.assign(document.createElement("main"), { id: "enrol" }));
      return (await import("/kiosk/till/enrol.js")).plainCode(typed);
    }"""
    code = "ABCD1234EFGH0"
    for typed in (code, "abcd-1234-efgho", "http://till.example/kiosk#ABCD1234EFGH0", " ABCD 1234 EFGH0 "):
        assert await bare.evaluate(read, typed) == code, typed
    assert await bare.evaluate(read, "ABCD") == ""


def test_the_vectors_are_times_with_an_offset() -> None:
    assert all(datetime.fromisoformat(case["now"]).tzinfo for case in VECTORS)
