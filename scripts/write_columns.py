"""Write docs/user/columns.md from the tables of columns: `python -m scripts.write_columns`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from retail.automation.columns import Column
from retail.automation.kinds.all_kinds import KINDS

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "user" / "columns.md"
_INTRO: Final = """\
# Files of products, prices, stock and suppliers

Written by `python -m scripts.write_columns` from the tables that the import itself reads by. The page *Products,
Imports, What the columns mean* shows the same.

Hand in CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252; also packed with gzip), XLSX (the first
sheet) or JSON (an array of objects, or one object per line): up to 64 MB and 200,000 rows. The first row names the
columns, in any order. Names are recognised as below and by many other usual words; you say on the next page what the
rest means, and your next file is understood by itself. A column that isn't there changes nothing; an empty cell
empties what it stands for.

Amounts are in the currency's own units: 4.20. Where a cell holds several values, `|` stands between them; `\\|` is a
bar that parts nothing, and so are `\\=`, `\\>` and `\\\\`. A text that begins like a formula goes out with an
apostrophe before it, which comes off again when it comes in.

You see what the file would change before it does: new rows, changed ones with before and after, those that are as
they are, and refused ones with the column and the reason. Then you store all of it, as one or not at all, or the good
rows alone. Refused rows are a CSV file that you can mend and hand in again. A list that goes out (*Export*) comes in
again without a change. Its last column `average_cost` tells what one costs you by what lies in your stores, a kit by
its parts; it only goes out: an import passes it over, `unit_cost` is the cost that you type.
"""


def page() -> str:
    """Give the page's text."""
    parts = [_INTRO]
    for kind in KINDS.values():
        found = " or ".join(f"`{name}`" for name in kind.matches)
        parts += [f"\n## {kind.label}\n", f"Found by {found}.\n", "| Column | Means | What to write |", "|---|---|---|"]
        parts += [_line(column) for column in kind.columns]
    return "\n".join(parts) + "\n"


def _line(column: Column) -> str:
    hint = column.hint.replace("|", "\\|")
    marks = [word for word, holds in (("needed", column.needed), ("with the right to see costs", column.cost)) if holds]
    label = f"{column.label} ({', '.join(marks)})" if marks else column.label
    return f"| `{column.name}` | {label} | {hint} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
