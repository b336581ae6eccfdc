"""The till's sentences, read out of its modules: what stands in `t("…")` and `tn(n, "…", "…")`.

A sentence is written where it is said: one or more plain strings joined with `+`, never a variable or a template.
A table of sentences calls `t()` for each of them. Anything else is refused, since nobody could translate it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TILL: Final = Path(__file__).resolve().parents[1] / "kiosk" / "till"

_SPACE: Final = re.compile(r"\s+|//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'', re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*|\d[\w.]*")
_REGEX: Final = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TEXT: Final = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
_SHORT: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_BEFORE_REGEX: Final = frozenset({"return", "typeof", "case", "in", "of", "await", "yield", "else", "do", "void"})


class NotWritten(ValueError):
    """A sentence that isn't written where it is said."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a module: a `string` (its value), a `name`, a `template`'s text or one sign (`sign`)."""

    kind: str
    text: str
    line: int


@dataclass(slots=True)
class Sentence:
    """What a person reads: `text`, with its plural where it counts something, and the modules that say it."""

    text: str
    many: str | None = None
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """Give what the till looks it up by."""
        return self.text if self.many is None else self.many


def value(literal: str) -> str:
    """Give the text of a string literal without its quotes."""

    def plain(found: re.Match[str]) -> str:
        what = found[1]
        if what[0] in "ux" and len(what) > 1:
            return chr(int(what[1:].strip("{}"), 16))
        return "" if what in {"\n", "\r\n"} else _SHORT.get(what, what)

    return _ESCAPE.sub(plain, literal)


class _Reader:
    """Reads a module's text from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.last = text, 0, Token("sign", "", 0)

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found and found.end() > self.at:
            self.at = found.end()
            return found
        return None

    def _give(self, kind: str, text: str) -> Token:
        self.last = Token(kind, text, self.text.count("\n", 0, self.at) + 1)
        return self.last

    @property
    def _may_begin_regex(self) -> bool:
        kind, text = self.last.kind, self.last.text
        return text in _BEFORE_REGEX if kind == "name" else kind == "sign" and text not in {")", "]", "}"}

    def tokens(self, until: str = "") -> Iterator[Token]:
        """Give the tokens up to the closing sign of what began before, or to the end."""
        depth = 0
        while self.at < len(self.text):
            if self._match(_SPACE):
                continue
            if found := self._match(_STRING):
                yield self._give("string", value(found[1] if found[1] is not None else found[2]))
            elif found := self._match(_NAME):
                yield self._give("name", found[0])
            elif self.text[self.at] == "`":
                yield from self._template()
            elif self.text[self.at] == "/" and self._may_begin_regex and (found := self._match(_REGEX)):
                yield self._give("regex", found[0])
            else:
                sign = self.text[self.at]
                if sign == until and depth == 0:
                    return
                depth += {"{": 1, "}": -1}.get(sign, 0)
                self.at += 1
                yield self._give("sign", sign)

    def _template(self) -> Iterator[Token]:
        """Give a template, and what stands between its braces."""
        self.at += 1
        yield self._give("template", "")
        while True:
            self._match(_TEXT)
            if self.text[self.at : self.at + 2] != "${":
                self.at += 1
                self._give("template", "")
                return
            self.at += 2
            yield self._give("sign", "(")
            yield from self.tokens("}")
            self.at += 1
            yield self._give("sign", ")")


def tokens(text: str) -> list[Token]:
    """Read a module."""
    return list(_Reader(text).tokens())


def _literal(found: list[Token], at: int) -> tuple[str, int] | None:
    """Give the strings joined with + that begin at a token, and where they end; None where it is something else."""
    parts: list[str] = []
    while found[at].kind == "string":
        parts.append(found[at].text)
        if found[at + 1].text != "+":
            return ("".join(parts), at + 1) if found[at + 1].text in {",", ")"} else None
        at += 2
    return None


def _after_first(found: list[Token], at: int) -> int:
    """Give where the second argument of a call begins."""
    depth = 0
    while depth or found[at].text != "," or found[at].kind != "sign":
        if found[at].kind == "sign":
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(found[at].text, 0)
        at += 1
    return at + 1


def _said(found: list[Token], at: int) -> Sentence | None:
    """Read the call whose name stands at a token."""
    if found[at].text == "t":
        one = _literal(found, at + 2)
        return Sentence(one[0]) if one else None
    one = _literal(found, _after_first(found, at + 2))
    many = _literal(found, one[1] + 1) if one else None
    return Sentence(one[0], many[0]) if one and many else None


def of_module(text: str, name: str = "") -> Iterator[Sentence]:
    """Give the sentences of a module, each time one is said. Raises NotWritten."""
    found = tokens(text)
    for at, token in enumerate(found[:-1]):
        if token.kind != "name" or token.text not in {"t", "tn"} or found[at + 1].text != "(":
            continue
        if at and found[at - 1].text in {".", "function"}:
            continue
        said = _said(found, at)
        if said is None:
            raise NotWritten(f'{name}:{token.line}: write the sentence itself into {token.text}("…")')
        said.files.add(name)
        yield said


def sentences(folder: Path = TILL) -> dict[str, Sentence]:
    """Give every sentence of the till by its key. Raises NotWritten, also where one is said in two ways."""
    known: dict[str, Sentence] = {}
    for file in sorted(folder.glob("*.js")):
        for said in of_module(file.read_text(encoding="utf-8"), file.name):
            before = known.setdefault(said.key, said)
            if (before.text, before.many) != (said.text, said.many):
                raise NotWritten(f"{file.name}: {said.key!r} is said with a plural and without")
            before.files |= said.files
    return dict(sorted(known.items()))
