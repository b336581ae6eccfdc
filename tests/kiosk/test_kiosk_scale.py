"""The scale beside the till: the bytes that scales send, read as they come; and the simulated one, weighed with."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

READ = "async ([protocol, line]) => (await import('/kiosk/till/scale_lines.js')).PROTOCOLS[protocol].read(line)"
CUT = "async ([held, more, end]) => (await import('/kiosk/till/scale_lines.js')).cut(held, more, end)"
MILLI = "async ([grams, unit]) => (await import('/kiosk/till/scale_lines.js')).milliOf(grams, unit)"
# A port that sends what it is told to, and notes what it is asked.
PORT = """async ([protocol, chunks]) => {
  const { Scale } = await import("/kiosk/till/scale.js");
  const asked = [];
  let out;
  const port = {
    open: async () => {}, close: async () => { asked.push("closed"); },
    readable: new ReadableStream({ start(controller) { out = controller; } }),
    writable: new WritableStream({ write: (bytes) => { asked.push(new TextDecoder().decode(bytes)); } }),
  };
  const scale = new Scale(port, { port: "serial", protocol, baud: 9600 });
  const seen = [scale.read()];
  for (const chunk of chunks) {
    if (chunk === "tare") seen.push(scale.tare());
    else {
      out.enqueue(new TextEncoder().encode(chunk));
      await new Promise((done) => setTimeout(done, 250));
      seen.push(scale.read());
    }
  }
  await scale.close();
  return { seen, asked: [...new Set(asked)] };
}"""


async def test_what_scales_send_is_read_as_it_is_meant(bare: Page) -> None:
    steady: dict[str, Any] = {"stable": True}
    for line, wanted in {
        "ST,GS,  0.762kg": {"grams": 762, **steady},
        "ST,GS,+  0.762kg\r": {"grams": 762, **steady},
        "US,GS,+  0.750kg": {"grams": 750, "stable": False},
        "ST,NT,+   512.4  g": {"grams": 512, **steady},
        "ST,GS,+ 2.205lb": {"grams": 1000, **steady},
        "ST,GS,-  0.020kg": {"grams": -20, **steady, "wrong": "below"},
        "OL,GS,+ 99.999kg": {"grams": 0, "stable": False, "wrong": "overload"},
        "ST,GS,  0.76": None,  # cut off: never half a weight
        "T,GS,  0.762kg": None,
        "QT,  12PC": None,
        "": None,
    }.items():
        assert await bare.evaluate(READ, ["stream", line]) == wanted, line
    for line, wanted in {
        "\x0200.762": {"grams": 762, **steady},
        "\x0200762": {"grams": 762, **steady},
        "\x02?A": {"grams": 0, "stable": False},
        "\x02?B": {"grams": 0, "stable": False, "wrong": "overload"},
        "\x02?D": {"grams": 0, "stable": False, "wrong": "below"},
        "\x02?@": None,
        "\x020076": None,
        "762\x02012.345": {"grams": 12345, **steady},
    }.items():
        assert await bare.evaluate(READ, ["ask", line]) == wanted, line
    assert await bare.evaluate(CUT, ["ST,GS,  0.7", "62kg\r\nUS,G", "\n"]) == {
        "lines": ["ST,GS,  0.762kg\r"],
        "rest": "US,G",
    }
    assert [await bare.evaluate(MILLI, [762, unit]) for unit in ("kg", "g", "each", "l")] == [762, 762_000, None, None]


async def test_a_scale_is_heard_in_pieces_asked_where_it_must_be_and_tared(bare: Page) -> None:
    chunks = ["ST,GS,+  0.1", "50kg\r\nUS,GS,+  0.1", "60kg\r\n", "tare", "ST,GS,+  0.150kg\r\n", "tare"]
    heard = await bare.evaluate(PORT, ["stream", [*chunks, "ST,GS,+  0.912kg\r\n"]])
    weights = [one if one is None or isinstance(one, bool) else (one["grams"], one["stable"]) for one in heard["seen"]]
    assert weights == [None, None, (150, True), (160, False), False, (150, True), True, (762, True)]
    assert heard["asked"] == ["closed"]
    heard = await bare.evaluate(PORT, ["ask", ["\x0200.7", "62\r"]])
    assert [one and one["grams"] for one in heard["seen"]] == [None, None, 762]
    assert heard["asked"] == ["W", "closed"]


async def put_on(till: TillPage, grams: int) -> None:
    await till.page.get_by_role("slider").fill(str(grams))


async def test_weighed_goods_take_the_steady_weight_and_what_is_typed_is_marked(
    selling: TillPage, fake: FakeTillServer
) -> None:
    page = selling.page
    await page.locator(".top .pill").click()
    await page.get_by_role("button", name="None").click()
    for protocol in ("ask", "stream"):
        await page.get_by_label("Scale of this till").select_option("simulator")
        await page.get_by_label("It speaks").select_option(protocol)
        await expect(page.locator("dialog[open] output").last).to_have_text("0 g · steady")
    await selling.key("Escape")
    await selling.key("Escape")

    await selling.scan(4)
    take = page.get_by_role("button", name="Take weight")
    await expect(take).to_have_attribute("aria-disabled", "true")
    await expect(page.locator("dialog[open]")).to_contain_text("Put it on the scale.")
    await put_on(selling, 50)
    await expect(page.locator("dialog[open] .steady")).to_have_text("Steady")
    await page.get_by_role("button", name="Tare").click()
    await put_on(selling, 812)
    await expect(page.locator("dialog[open] .figure")).to_have_text("0.762 kg")
    await expect(page.locator("dialog[open]")).to_contain_text("\u00d7 €1.99 = €1.52")
    await expect(page.locator("dialog[open]")).to_contain_text("Steady · tare 50 g")
    await take.click()
    await selling.has_lines("0.762 kg Bananas €1.52")

    # the next customer's bowl is another one; and a weight that is typed says so
    await selling.scan(4)
    await expect(page.locator("dialog[open] .figure")).to_have_text("0.812 kg")
    await selling.press("500")
    await page.get_by_role("button", name="Add, typed by hand").click()
    await selling.has_lines("0.762 kg Bananas €1.52", "0.5 kg Bananas €1.00")
    await expect(page.locator(".lines .d").nth(1)).to_contain_text("weighed by hand")
    await selling.pay_cash()
    await eventually(lambda: [[line.get("by_hand") for line in sale["lines"]] for sale in fake.sales], [[None, True]])
    assert [line["quantity"] for line in fake.sales[0]["lines"]] == ["0.762", "0.5"]
