"""The till in each of its languages: it opens, sells and is paid; right to left; chosen, kept without a network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.support.fake_till_server import FakeTillServer
from tests.support.till_page import TillPage, eventually

WORDS = Path(__file__).resolve().parents[2] / "kiosk/till/words"
KEPT = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const paths = (await Promise.all(caches_.map((one) => one.keys()))).flat().map((one) => new URL(one.url).pathname);
  return paths.filter((path) => path.includes("/words/")).map((path) => path.split("/").at(-1)).sort();
}"""
ACROSS = """() => [...document.querySelectorAll("body, #till, #till > *, dialog[open] *")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
    && ["auto", "scroll"].includes(getComputedStyle(one).overflowX) === false
    && getComputedStyle(one).textOverflow !== "ellipsis" && getComputedStyle(one).display !== "inline")
  .map((one) => `${one.tagName}#${one.id}.${one.className} ${one.scrollWidth} in ${one.clientWidth}`)"""
TONGUE = "() => [document.documentElement.lang, document.documentElement.dir]"


class Speaking:
    """A till in a language: sentences are given in English and looked for in that one."""

    def __init__(self, till: TillPage, language: str) -> None:
        self.till, self.page = till, till.page
        self.words: dict[str, Any] = (
            {} if language == "en" else json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
        )

    @classmethod
    async def open(cls, context: BrowserContext, fake: FakeTillServer, language: str) -> Speaking:
        """Open a till of a store that speaks this; it begins again once it has heard so."""
        fake.settings = {"language": language}
        till = await TillPage.open(context, fake, ready=False)
        speaking = cls(till, language)
        await speaking.speaks(language)
        return speaking

    def say(self, text: str) -> str:
        word = self.words.get(text, text)
        assert isinstance(word, str)
        return word

    async def speaks(self, language: str) -> None:
        async def asked() -> bool:
            try:
                return (await self.page.evaluate(TONGUE))[0] == language
            except Exception:  # noqa: BLE001 - the page begins again just now
                return False

        await eventually(asked, wanted=True)
        await expect(self.page.locator("#till[aria-busy]")).to_have_count(0)
        await expect(
            self.page.locator("body:not([data-screen=starting]) .pad, body[data-screen=sell] .charge")
            .locator("visible=true")
            .first
        ).to_be_visible()

    async def press(self, text: str) -> None:
        await self.page.get_by_role("button", name=self.say(text), exact=True).locator("visible=true").first.click()

    async def fits(self) -> None:
        assert await self.page.evaluate(ACROSS) == []
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    async def opens(self) -> None:
        await self.till.press("15000")
        await self.press("Open shift")
        await expect(self.page.locator(".charge")).to_be_visible()

    async def scans(self) -> None:
        await self.till.scan(0)
        await eventually(lambda: self.page.locator(".lines li").count(), 1)

    async def is_paid(self) -> None:
        await self.page.locator(".charge").click()
        await self.page.locator(".quick .btn").first.click()
        await self.fits()
        await self.press("Complete sale")
        await expect(self.page.get_by_role("heading", name=self.say("Paid"), exact=True)).to_be_visible()
        await self.fits()
        await self.press("Next sale")
        await expect(self.page.locator(".lines li")).to_have_count(0)


PLACES = """(line) => {
  const text = line.firstChild, start = text.data.indexOf("€"), at = (i) => {
    const range = document.createRange();
    range.setStart(text, i);
    range.setEnd(text, i + 1);
    return range.getBoundingClientRect().x;
  };
  return at(start) < at(start + 1) && at(start + 1) < at(start + 3);
}"""  # the sign before the digits, as everywhere


@pytest.mark.parametrize("language", ["de", "fr", "es", "ar"])
async def test_a_till_opens_sells_and_is_paid_in_its_language(
    context: BrowserContext, fake: FakeTillServer, language: str
) -> None:
    it = await Speaking.open(context, fake, language)
    assert await it.page.evaluate(TONGUE) == [language, "rtl" if language == "ar" else ""]
    await it.fits()
    await it.opens()
    await it.scans()
    await it.fits()
    await it.is_paid()
    assert [sale["total"] for sale in fake.sales] == [420]
    assert it.till.errors == []


async def test_arabic_runs_from_right_to_left_and_figures_from_left_to_right(
    context: BrowserContext, fake: FakeTillServer
) -> None:
    it = await Speaking.open(context, fake, "ar")
    await it.opens()
    await it.scans()
    rail, cart = [await it.page.locator(name).bounding_box() for name in ("#rail", "#cart")]
    assert rail is not None
    assert cart is not None
    assert rail["x"] > cart["x"]
    order = """() => {
      const text = document.querySelector(".lines .t").firstChild, at = (i) => {
        const range = document.createRange();
        range.setStart(text, i);
        range.setEnd(text, i + 1);
        return range.getBoundingClientRect().x;
      };
      return [text.data, at(0) < at(1) && at(1) < at(3)];
    }"""
    assert await it.page.evaluate(order) == ["€4.20", True]
    keys = it.page.locator(".pad button").filter(has_text="1"), it.page.locator(".pad button").filter(has_text="3")
    await it.page.locator(".charge").click()
    one, three = [await key.locator("visible=true").first.bounding_box() for key in keys]
    assert one is not None
    assert three is not None
    assert one["x"] < three["x"]  # as on every keypad of a telephone
    await it.page.locator(".quick .btn").first.click()
    await it.press("Complete sale")
    how = it.page.locator("#receipt [role=status] p").last
    await expect(how).to_contain_text("€4.20")
    assert await how.evaluate(PLACES), "the amount is turned round beside Arabic letters"


@pytest.mark.parametrize("language", ["ar", "de"])
async def test_nothing_runs_over_on_a_phone(browser: Browser, fake: FakeTillServer, language: str) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    it = await Speaking.open(context, fake, language)
    await it.fits()
    await it.opens()
    await it.scans()
    await it.fits()
    await it.page.locator(".handle").click()
    await it.fits()
    await it.is_paid()
    await context.close()


async def test_one_device_speaks_another_language_and_keeps_the_open_sale(selling: TillPage) -> None:
    await selling.scan(0)
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".top .pill").click()
    async with selling.page.expect_navigation():
        await selling.page.get_by_label("Language").select_option("fr")
    it = Speaking(selling, "fr")
    await it.speaks("fr")
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.page.locator(".top .pill").click()
    async with selling.page.expect_navigation():
        await selling.page.get_by_label("Langue").select_option("")  # as the store: English
    await Speaking(selling, "en").speaks("en")
    await selling.has_lines("1 Sourdough loaf 800 g €4.20")
    await selling.pay_cash()


@pytest.mark.shell
async def test_without_a_network_it_starts_in_its_language_and_keeps_no_other(
    context: BrowserContext, fake: FakeTillServer
) -> None:
    it = await Speaking.open(context, fake, "de")
    await it.opens()
    await eventually(lambda: it.page.evaluate(KEPT), ["de.json"])
    await it.till.works_offline()
    fake.stop()
    await it.page.reload()
    await it.speaks("de")
    await it.scans()
    await it.is_paid()
    # another one can't be had now: it says so, and stays as it was
    await it.page.locator(".top .pill").click()
    pick = it.page.get_by_label(it.say("Language"))
    await pick.select_option("es")
    await it.till.shows(it.say("This language is not on this device yet. Try again when the till is online."))
    await expect(pick).to_have_value("")
    fake.start()


@pytest.mark.shell
async def test_an_update_brings_the_words_that_are_spoken_here(context: BrowserContext, fake: FakeTillServer) -> None:
    it = await Speaking.open(context, fake, "es")
    await it.opens()
    await eventually(lambda: it.page.evaluate(KEPT), ["es.json"])
    fake.release = "2"
    newer = """async () => {
      const one = await navigator.serviceWorker.getRegistration();
      if (one.waiting) return true;
      await one.update().catch(() => null);
      return false;
    }"""
    await eventually(lambda: it.page.evaluate(newer), wanted=True)
    await it.till.shows(it.say("Update ready"))
    async with it.page.expect_navigation():
        await it.press("Use it now")
    await it.speaks("es")
    await eventually(lambda: it.page.evaluate(KEPT), ["es.json"])
    await it.till.works_offline()
    fake.stop()
    await it.page.reload()
    await it.speaks("es")
    fake.start()


@pytest.mark.shell
async def test_a_store_that_changes_its_language_takes_no_sale_away(
    context: BrowserContext, fake: FakeTillServer
) -> None:
    it = await Speaking.open(context, fake, "en")
    await it.opens()
    await it.scans()
    fake.settings = {"language": "de"}
    await it.till.works_offline()
    fake.stop()
    await it.till.hear()
    await expect(it.page.locator(".top .pill")).not_to_contain_text("Online")
    fake.start()
    await it.till.hear()
    await it.till.is_online()
    assert await it.page.evaluate(TONGUE) == ["en", ""]
    await it.till.has_lines("1 Sourdough loaf 800 g €4.20")
    await it.is_paid()
    await it.page.reload()
    await Speaking(it.till, "de").speaks("de")


async def test_before_anything_is_known_it_speaks_as_the_browser(browser: Browser, fake: FakeTillServer) -> None:
    context = await browser.new_context(locale="fr-CA")
    fake.status = 401
    till = await TillPage.open(context, fake, ready=False)
    it = Speaking(till, "fr")
    await till.shows(it.say("Sign in to use this till"))
    page = await context.new_page()
    await page.goto(f"{fake.origin}/kiosk/till/enrol.html")
    await expect(page.get_by_role("heading", name=it.say("Enrol this device"), exact=True)).to_be_visible()
    await expect(page).to_have_title(it.say("Enrol this device"))
    # the shop speaks English
    fake.status = 0
    await till.page.reload()
    await Speaking(till, "en").speaks("en")
    await till.shows("Open the shift")
    await context.close()


async def test_arabic_counts_in_six_forms_and_keeps_names_apart(bare: Page) -> None:
    said = await bare.evaluate(
        """async () => {
          const { useLanguage, t, tn } = await import("/kiosk/till/words.js");
          await useLanguage("ar-EG");
          const counted = [0, 1, 2, 3, 11, 100].map((n) => tn(n, "{n} item", "{n} items"));
          return [...counted, t("Added: {name}", { name: "A 5 %" })];
        }"""
    )
    forms = json.loads((WORDS / "ar.json").read_text(encoding="utf-8"))["{n} items"]
    assert list(forms) == ["zero", "one", "two", "few", "many", "other"]
    counted = [
        forms[form].replace("{n}", f"\u2068{n}\u2069") for form, n in zip(forms, (0, 1, 2, 3, 11, 100), strict=True)
    ]
    assert said[:-1] == counted
    assert len(set(counted)) == 6
    assert said[-1].endswith(": \u2068A 5 %\u2069")


async def test_amounts_have_the_digits_of_keys_and_months_the_tills_language(bare: Page) -> None:
    shown = await bare.evaluate(
        """async () => {
          const { useLanguage } = await import("/kiosk/till/words.js");
          const { clock, day, money, quantity, useFormats } = await import("/kiosk/till/format.js");
          const of = (locale) => {
            useFormats({ currency: "EGP", exponent: 2, cash_unit: 1, locale }, "Africa/Cairo");
            return [money(123450), quantity(1500), day("2026-11-21"), clock("2026-11-21T08:05:00Z")];
          };
          const before = of("ar-EG");
          await useLanguage("de");
          return [before, of("ar-EG"), of("de-AT")];
        }"""
    )
    plain = [text for texts in shown for text in texts]
    assert [text for text in plain if any(0x660 <= ord(one) <= 0x669 for one in text)] == []
    assert "1,234.50" in shown[0][0]
    assert shown[1][0] == shown[0][0]  # the shop's
    assert shown[1][2:] == ["21.11.2026", "10:05"]
    assert shown[2][2] == "21.11.2026"
