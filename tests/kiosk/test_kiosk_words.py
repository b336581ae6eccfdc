"""The till's sentences and their translations: what is read from the modules, and what is on disk."""

from __future__ import annotations

import gettext
import json
from pathlib import Path

import pytest
from babel import Locale
from playwright.async_api import Page

from retail.tenants.settings import setting
from scripts import write_words
from scripts.till_sentences import NotWritten, Sentence, of_module, sentences
from scripts.write_words import COMPLETE, FORMS, WORDS, faults, known, page, plural_rule, said


def texts(module: str) -> list[str | tuple[str, str]]:
    return [one.text if one.many is None else (one.text, one.many) for one in of_module(module)]


def test_sentences_are_found_wherever_they_are_said() -> None:
    module = """
      // t("in a comment")
      const a = t("One"), b = t('Two', { n: 1 }), c = t("Thr" + "ee"
        + " times");
      const d = `about ${x ? t("inside {n}", { n: `${t("deeper")}` }) : "}"} t("not a call")`;
      const e = /t\\("no"\\)/.test(text) && t("after a pattern") / t("after a stroke");
      const f = tn(Math.max(1, list[0]), "{n} thing", "{n} things", { n });
      const g = "t(\\"quoted\\")", h = one.t("a method"), left = total(1);
      const i = t("It\\u2019s \\"so\\"");
    """
    assert texts(module) == [
        "One", "Two", "Three times", "inside {n}", "deeper", "after a pattern", "after a stroke",
        ("{n} thing", "{n} things"), "It\u2019s \"so\"",
    ]  # fmt: skip


@pytest.mark.parametrize("call", ["t(title)", "t(`Hello`)", 't("a" + name)', 'tn(2, one, "many")', 't(x ? "a" : "b")'])
def test_a_sentence_that_is_not_written_where_it_is_said_is_refused(call: str) -> None:
    with pytest.raises(NotWritten, match=r"view\.js:2: write the sentence itself"):
        list(of_module(f"\nconst a = {call};\n", "view.js"))


def test_one_sentence_is_said_with_a_plural_or_without(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('t("{n} items"); tn(n, "{n} item", "{n} items");')
    with pytest.raises(NotWritten, match="with a plural and without"):
        sentences(tmp_path)


def test_a_translation_has_the_names_and_the_forms_of_its_sentence() -> None:
    plain, counted = Sentence("Paid {amount} to {name}"), Sentence("{n} item at {shop}", "{n} items at {shop}")
    assert faults("de", plain, "{name} hat {amount} erhalten") == []
    assert len(faults("de", plain, "{name} hat es erhalten")) == 1
    assert len(faults("de", plain, "{name} hat {amount} {extra}")) == 1
    assert len(faults("de", plain, " ")) == 1
    assert len(faults("de", plain, {"one": "", "other": ""})) == 1
    assert faults("de", counted, {"one": "Ein Artikel in {shop}", "other": "{n} Artikel in {shop}"}) == []
    assert len(faults("de", counted, {"one": "{n} Artikel in {shop}", "other": "Artikel in {shop}"})) == 1
    assert len(faults("de", counted, {"one": "Ein Artikel", "other": "{n} Artikel in {shop}"})) == 1
    assert len(faults("de", counted, "{n} Artikel in {shop}")) == 1
    assert len(faults("ar", counted, {"one": "{n} {shop}", "other": "{n} {shop}"})) == 1


@pytest.mark.parametrize("language", FORMS)
def test_plural_forms_are_those_of_the_language(language: str) -> None:
    index, name = gettext.c2py(plural_rule(language)), Locale(language).plural_form  # type: ignore[attr-defined]
    assert [FORMS[language][index(n)] for n in range(1000)] == [name(n) for n in range(1000)]


def test_what_is_taken_is_written_and_what_is_not_said_any_more_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_words, "CATALOGUES", tmp_path / "po")
    monkeypatch.setattr(write_words, "WORDS", tmp_path / "json")
    counted = Sentence("{n} item", "{n} items", {"a.js"})
    wanted = {"{n} items": counted, "Paid": Sentence("Paid", None, {"a.js", "b.js"}), "New": Sentence("New")}
    given = {
        "Paid": "Bezahlt \u201ebar\u201c\n", "Gone": "Weg", "New": "{x}", "{n} items": {"one": "Eins", "other": "{n}"},
    }  # fmt: skip
    assert len(write_words.take("de", wanted, given)) == 2
    assert write_words.known("de") == {"Paid": given["Paid"], "{n} items": given["{n} items"]}
    assert write_words.missing("de", wanted) == ["New"]
    assert "#: kiosk/till/a.js kiosk/till/b.js\n" in (tmp_path / "po/de.po").read_text()
    assert list(json.loads((tmp_path / "json/de.json").read_text())) == ["{n} items", "Paid"]

    del wanted["Paid"]
    write_words.write("de", wanted, write_words.known("de"))
    assert list(write_words.known("de")) == ["{n} items"]
    asked = {"one": "{n} item", "many": "{n} items", "forms": ["zero", "one", "two", "few", "many", "other"]}
    assert write_words.missing("ar", wanted) == [asked, "New"]


def test_a_sentence_in_its_context_is_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_words, "CATALOGUES", tmp_path / "po")
    monkeypatch.setattr(write_words, "WORDS", tmp_path / "json")
    both = {one.key: one for one in of_module('t("Take over"); plain(t("held sale\\u0004Take over"))', "a.js")}
    given = {"Take over": "Prendre la caisse", "held sale\u0004Take over": "Reprendre la vente"}
    assert write_words.take("fr", both, given) == []
    assert write_words.known("fr") == given
    assert 'msgctxt "held sale"\nmsgid "Take over"\n' in (tmp_path / "po/fr.po").read_text()


@pytest.mark.parametrize("language", COMPLETE)
def test_a_sale_that_is_taken_over_is_no_till(language: str) -> None:
    words = known(language)
    till, sale = words["Take over"], words["held sale\u0004Take over"]
    assert till != sale or language == "de", "German says Übernehmen of both"


async def test_english_says_a_sentence_in_its_context_without_it(bare: Page) -> None:
    said = await bare.evaluate(
        """async () => {
          const { plain } = await import("/kiosk/till/in_context.js");
          const { t } = await import("/kiosk/till/words.js");
          return [plain(t("held sale\\u0004Take over")), plain("Reprendre la vente")];
        }"""
    )
    assert said == ["Take over", "Reprendre la vente"]


@pytest.mark.parametrize("language", FORMS)
def test_the_tills_words_are_those_of_its_modules_and_catalogues(language: str) -> None:
    wanted = sentences()
    translations = said(language, wanted)
    again = "run: python -m scripts.write_words"
    assert (WORDS / f"{language}.json").read_text(encoding="utf-8") == page(translations), again
    assert set(known(language)) - set(wanted) == set(), again
    wrong = [fault for key, one in translations.items() for fault in faults(language, wanted[key], one)]
    assert wrong == []
    if language in COMPLETE:
        assert [key for key in wanted if key not in translations] == []


def test_every_language_that_can_be_chosen_has_words() -> None:
    assert set(setting("till_language").choices) == {"same", "en", *FORMS}
    assert set(COMPLETE) <= set(FORMS)
