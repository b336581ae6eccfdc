"""Build static/icons/icons.svg: the Lucide icons this product uses, as one sprite of symbols.

Run it when a name is added to static/icons/names.txt: python scripts/make_icons.py path/to/lucide-static-1.62.0.tgz
The package is lucide-static from the npm registry (ISC licence, kept in static/icons/LICENSE).
"""

from __future__ import annotations

import re
import sys
import tarfile
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "static" / "icons"


def read_member(archive: tarfile.TarFile, name: str) -> str:
    """Return the text of one file of the package; a name that Lucide does not have is a KeyError."""
    member = archive.extractfile(archive.getmember(f"package/{name}"))
    if member is None:
        raise KeyError(name)
    return member.read().decode()


def symbol(name: str, svg: str) -> str:
    """Return the drawing of an icon as a <symbol>; stroke and size are left to the stylesheet."""
    body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if body is None:
        raise ValueError(f"{name} is no SVG")
    drawing = re.sub(r"\s*\n\s*", "", body.group(1)).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


def main(package: str) -> None:
    """Write the sprite and the licence beside it, in the order of names.txt."""
    names = (OUT / "names.txt").read_text(encoding="utf-8").split()
    with tarfile.open(package) as archive:
        symbols = [symbol(name, read_member(archive, f"icons/{name}.svg")) for name in names]
        licence = read_member(archive, "LICENSE")
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (OUT / "icons.svg").write_text(sprite, encoding="utf-8")
    (OUT / "LICENSE").write_text(licence, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
