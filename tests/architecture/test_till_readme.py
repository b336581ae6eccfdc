"""Every module of the till stands in the table of kiosk/README.md, and nothing stands there that is gone."""

from __future__ import annotations

import re
from pathlib import Path

KIOSK = Path(__file__).resolve().parents[2] / "kiosk"


def test_the_table_of_modules_names_each_of_them() -> None:
    part = (KIOSK / "README.md").read_text().split("## Where things are", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([\w*]+)`", row)}
    kinds = tuple(name.removesuffix("*") for name in named if name.endswith("*"))
    modules = {file.stem for file in (KIOSK / "till").glob("*.js")}
    assert sorted(one for one in modules - named if not one.startswith(kinds)) == []
    assert sorted(one for one in named - modules if not one.endswith("*")) == []
