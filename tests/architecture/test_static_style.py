"""The look keeps its promises: words can be read, tokens exist, icons exist, pages weigh little."""

from __future__ import annotations

import gzip
import math
import re
from pathlib import Path

import pytest

from retail.runtime.web.slim import slim, written

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
JS = ROOT / "static" / "js"
TEMPLATES = ROOT / "templates"
TILL = ROOT / "kiosk" / "till"

TEXT = 4.5  # WCAG 2.2, 1.4.3
CONTROL = 3.0  # WCAG 2.2, 1.4.11
GROUNDS = ("paper", "surface", "surface-2")
PAIRS = [
    *(
        (ink, ground, TEXT)
        for ink in ("ink", "ink-2", "ink-3", "accent", "warn", "danger", "info")
        for ground in GROUNDS
    ),
    *((ink, f"{ink}-soft", TEXT) for ink in ("accent", "warn", "danger", "info")),
    *(("ink", f"{tone}-soft", TEXT) for tone in ("accent", "warn", "danger", "info")),
    ("accent-ink", "accent", TEXT),
    ("danger-ink", "danger", TEXT),
    ("paper", "ink", TEXT),
    *(("edge", ground, CONTROL) for ground in GROUNDS),
    *((f"c{series}", "surface", CONTROL) for series in (1, 2, 4, 5, 6)),
]
Colour = tuple[float, float, float]


def palette(theme: int) -> dict[str, Colour]:
    """Return the opaque colour tokens of a theme (0 light, 1 dark) as OKLCH triples."""
    pattern = r"--([\w-]+):\s*light-dark\(oklch\(([\d. ]+)\),\s*oklch\(([\d. ]+)\)\)"
    found = re.findall(pattern, (CSS / "tokens.css").read_text())
    return {name: tuple(float(part) for part in both[theme].split()) for name, *both in found}


def luminance(colour: Colour) -> float:
    """Relative luminance of an OKLCH colour, clipped to sRGB (matrices: B. Ottosson, 2020)."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    clip = [min(1.0, max(0.0, part)) for part in (red, green, blue)]
    return 0.2126 * clip[0] + 0.7152 * clip[1] + 0.0722 * clip[2]


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_ink_can_be_read_on_every_ground_it_is_used_on(theme: int) -> None:
    colours = palette(theme)
    poor = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ink, ground, least in PAIRS
        if contrast(colours[ink], colours[ground]) < least
    }
    assert poor == {}


def test_black_on_white_is_the_known_ratio_so_the_arithmetic_can_be_trusted() -> None:
    assert round(contrast((0, 0, 0), (1, 0, 0)), 1) == 21.0


def test_the_dark_changes_colours_and_nothing_else() -> None:
    """`light-dark()` takes nothing but colours; so pages in the dark are judged for their colours alone (axe.py)."""
    sheets = [*CSS.glob("*.css"), *TILL.rglob("*.css")]
    scripts = [*JS.rglob("*.js"), *TILL.rglob("*.js"), *TILL.rglob("*.html")]
    assert [file.name for file in (*sheets, *scripts) if "prefers-color-scheme" in file.read_text()] == []
    chosen = {rule for file in sheets for rule in re.findall(r"[^{}]*dark[\"'][^{}]*\{[^}]*\}", file.read_text())}
    assert {rule.strip() for rule in chosen} == {':root[data-theme="dark"] { color-scheme: dark; }'}
    pages = (file for file in TEMPLATES.rglob("*.html") if file.relative_to(TEMPLATES).parts[0] != "emails")
    asked = {line.strip() for file in pages for line in file.read_text().splitlines() if "prefers-color-scheme" in line}
    assert asked == {f'media="(prefers-color-scheme: {theme})"' for theme in ("light", "dark")}, "the theme-color"


def test_every_token_that_a_stylesheet_uses_is_defined() -> None:
    text = "\n".join(path.read_text() for path in CSS.glob("*.css"))
    used = set(re.findall(r"var\((--[\w-]+)\)", text))
    defined = set(re.findall(r"(--[\w-]+)\s*:", text))
    assert used - defined == set()


def test_colours_are_written_in_the_tokens_only() -> None:
    loose = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
    for path in CSS.glob("*.css"):
        if path.name not in {"tokens.css", "receipt.css"}:  # paper is white and its ink black
            assert not loose.search(path.read_text()), path.name


def test_every_icon_that_a_page_shows_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons" / "icons.svg").read_text()))
    named = re.compile(r"""(?:icon\(|glyph=|\}\}#)["']?([a-z][a-z0-9-]*[a-z0-9])["')]""")
    third = re.compile(r"""empty\(.*?, "([a-z][a-z0-9-]*[a-z0-9])"\)""")
    pages = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    used = {name for page in pages for name in named.findall(page)}
    used |= {name for page in pages for name in third.findall(page)}
    assert used - {"glyph", "name"} - sprite == set()


@pytest.mark.parametrize("path", sorted(JS.glob("*.js")), ids=lambda path: path.name)
def test_no_script_turns_text_into_markup_or_code(path: Path) -> None:
    forbidden = r"innerHTML\s*=|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTMLUnsafe"
    assert not re.search(forbidden, path.read_text())


def test_a_back_office_page_without_charts_weighs_at_most_forty_kilobytes() -> None:
    assert "css/office.css" in (TEMPLATES / "layouts" / "app.html").read_text()
    scripts = (TEMPLATES / "shared" / "_scripts.html").read_text()
    behaviours = re.findall(r'"([a-z]+)"', re.search(r"for behaviour in \(([^)]*)\)", scripts)[1])  # type: ignore[index]
    files = [
        CSS / "office.css",
        *(JS / f"{name}.js" for name in ("theme", *behaviours)),
        *(ROOT / "static" / "vendor" / "htmx@4.0.1" / name for name in ("htmx.min.js", "hx-ws.min.js")),
    ]
    assert sum(len(gzip.compress(slim(path.relative_to(ROOT), written(path)), 9)) for path in files) <= 40_000


def test_what_is_sent_does_what_was_written() -> None:
    """The slimmer drops `void (a && b())` wholly: no script may say it so, nor lose a function's body otherwise."""
    dropped = slim(Path("a.js"), b"export const f = () => void (a && b());")
    assert dropped == b"export const f=()=>{}", "it keeps it now: this rule can go"
    own = [*(ROOT / "kiosk").rglob("*.js"), *(ROOT / "static" / "js").glob("*.js")]
    empty = re.compile(rb"=>\s*\{\s*\}")
    emptied = [
        path.relative_to(ROOT).as_posix()
        for path in own
        if len(empty.findall(slim(path, path.read_bytes()))) > len(empty.findall(path.read_bytes()))
    ]
    assert len(own) > 150
    assert emptied == []
