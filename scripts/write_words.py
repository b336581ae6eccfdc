"""The till's languages: `python -m scripts.write_words` writes kiosk/till/words/*.json from kiosk/words/*.po.

The sentences come from the till's modules (scripts/till_sentences.py), the translations from gettext catalogues that
any translator's tool opens. Sentences that are said no more are dropped, new ones wait untranslated and are English
until then.

    python -m scripts.write_words                    write all anew
    python -m scripts.write_words --missing de       print what has no translation, as JSON
    python -m scripts.write_words --take de FILE     take a JSON object: sentence -> translation, or its plural forms
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from scripts.till_sentences import Sentence, sentences

ROOT: Final = Path(__file__).resolve().parents[1]
CATALOGUES: Final = ROOT / "kiosk" / "words"
WORDS: Final = ROOT / "kiosk" / "till" / "words"

COMPLETE: Final = ("ar", "de", "es", "fr")
"""The languages in which every sentence has a translation; a test fails where one has none."""

CONTEXT: Final = "\u0004"
"""Between where a sentence is said and the sentence, as gettext has it (kiosk/till/in_context.js)."""

_TWO: Final = ("one", "other")
FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "ar": ("zero", "one", "two", "few", "many", "other"),
    "de": _TWO,
    "es": _TWO,
    "fr": _TWO,
}
"""The plural forms of each language in the order of its catalogue, by their CLDR names. French and Spanish have
another for whole millions ("un million de ventes"), which no till counts; `other` is said there."""

_RULES: Final[Mapping[str, str]] = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "de": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
_HEADER: Final = """\
# The till's words. Translate here, then run: python -m scripts.write_words
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {rule}\\n"

"""
_NAMES: Final = re.compile(r"\{(\w+)\}")
_LOOSE: Final = frozenset({"zero", "one", "two"})  # "one sale" needs no {n}

Translation = str | dict[str, str]


def plural_rule(language: str) -> str:
    """Give gettext's expression for the plural form of n."""
    return _RULES[language].split("plural=", 1)[1].rstrip(";")


def known(language: str) -> dict[str, Translation]:
    """Give what a catalogue translates, by the key the till looks it up by."""
    file = CATALOGUES / f"{language}.po"
    if not file.is_file():
        return {}
    with file.open("rb") as opened:
        catalogue = read_po(opened, locale=language)
    found: dict[str, Translation] = {}
    for message in catalogue:
        if not message.id:
            continue
        if isinstance(message.id, tuple | list):
            if all(message.string):
                found[message.id[1]] = dict(zip(FORMS[language], message.string, strict=True))
        elif message.string:
            found[f"{message.context}{CONTEXT}{message.id}" if message.context else message.id] = str(message.string)
    return found


def said(language: str, wanted: Mapping[str, Sentence]) -> dict[str, Translation]:
    """Give the translations of the sentences that are wanted, in their order."""
    have = known(language)
    return {key: have[key] for key in wanted if key in have}


def faults(language: str, sentence: Sentence, translation: Translation) -> list[str]:
    """Say what is wrong with a translation: another shape than its sentence, or other {names} in it."""
    if isinstance(translation, str) is (sentence.many is not None):
        return [f"{sentence.key!r} needs {'its plural forms' if sentence.many else 'one text'}"]
    forms = {"other": translation} if isinstance(translation, str) else translation
    if sentence.many is not None and set(forms) != set(FORMS[language]):
        return [f"{sentence.key!r} needs the forms {', '.join(FORMS[language])}"]
    wanted = set(_NAMES.findall(sentence.key))
    wrong: list[str] = []
    for form, text in forms.items():
        loose = {"n"} if sentence.many is not None and form in _LOOSE else set()
        if not text.strip() or set(_NAMES.findall(text)) | loose != wanted | loose:
            wrong.append(f"{text!r} doesn't hold the same {{names}} as {sentence.key!r}")
    return wrong


def write_catalogue(language: str, wanted: Mapping[str, Sentence], have: Mapping[str, Translation]) -> None:
    """Write a language's catalogue: every sentence that is said, and where."""
    catalogue = Catalog(locale=language)
    for sentence in wanted.values():
        translation = have.get(sentence.key, "" if sentence.many is None else dict.fromkeys(FORMS[language], ""))
        context, _, text = sentence.text.rpartition(CONTEXT)
        catalogue.add(
            text if sentence.many is None else (sentence.text, sentence.many),
            translation if isinstance(translation, str) else tuple(translation[form] for form in FORMS[language]),
            locations=[(f"kiosk/till/{name}", 0) for name in sorted(sentence.files)],
            context=context or None,
        )
    CATALOGUES.mkdir(exist_ok=True)
    with (CATALOGUES / f"{language}.po").open("wb") as file:
        file.write(_HEADER.format(language=language, rule=_RULES[language]).encode())
        write_po(file, catalogue, width=120, omit_header=True, sort_output=True, include_lineno=False)


def page(translations: Mapping[str, Translation]) -> str:
    """Give the text of a language's file for the till: a sentence a line."""
    return json.dumps(translations, ensure_ascii=False, indent=0, separators=(",", ":")) + "\n"


def write(language: str, wanted: Mapping[str, Sentence], have: Mapping[str, Translation]) -> None:
    """Write a language's catalogue and the till's file."""
    write_catalogue(language, wanted, have)
    WORDS.mkdir(exist_ok=True)
    (WORDS / f"{language}.json").write_text(page({key: have[key] for key in wanted if key in have}), encoding="utf-8")


def missing(language: str, wanted: Mapping[str, Sentence]) -> list[str | dict[str, Any]]:
    """List what has no translation; of what counts something, both English forms and the wanted ones."""
    have = known(language)
    return [
        one.text if one.many is None else {"one": one.text, "many": one.many, "forms": list(FORMS[language])}
        for key, one in wanted.items()
        if key not in have
    ]


def take(language: str, wanted: Mapping[str, Sentence], given: Mapping[str, Translation]) -> list[str]:
    """Put translations into a catalogue; give what is wrong with those that were left out."""
    have, wrong = said(language, wanted), []
    for key, translation in given.items():
        found = faults(language, wanted[key], translation) if key in wanted else [f"{key!r} isn't said at the till"]
        if not found:
            have[key] = translation
        wrong += found
    write(language, wanted, have)
    return wrong


def main(arguments: list[str]) -> int:
    """Do what was asked for; 1 where something was left out."""
    parser = argparse.ArgumentParser(description="The till's languages")
    parser.add_argument("--missing", choices=FORMS)
    parser.add_argument("--take", nargs=2, metavar=("LANG", "FILE"))
    asked = parser.parse_args(arguments)
    wanted = sentences()
    if asked.missing:
        sys.stdout.write(json.dumps(missing(asked.missing, wanted), ensure_ascii=False, indent=1) + "\n")
        return 0
    if asked.take:
        language, file = asked.take
        wrong = take(language, wanted, json.loads(Path(file).read_text(encoding="utf-8")))
        sys.stderr.write("".join(f"{one}\n" for one in wrong))
        return 1 if wrong else 0
    for language in FORMS:
        write(language, wanted, said(language, wanted))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
