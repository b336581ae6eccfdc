"""Names of files on their way to a browser, as RFC 6266 and RFC 8187 write them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

MOST: Final = 120
_PLAIN: Final = re.compile(r"[^A-Za-z0-9._ -]")
_ATTR: Final = "!#$&+-.^_`|~"  # what RFC 8187 lets stand as it is, beside letters and digits


def disposition(name: str, *, inline: bool = False) -> str:
    """Write a Content-Disposition. Whatever the name holds, it is one line, one file and no path.

    Old programs read an ASCII name; where that isn't the name itself, `filename*` has it whole.
    """
    clean = "".join(c for c in name if c.isprintable() and c not in "/\\").strip(" .")[-MOST:] or "file"
    clean = clean.encode("utf-8", "ignore").decode()
    plain = _PLAIN.sub("_", clean).strip(" .") or "file"
    kind = "inline" if inline else "attachment"
    whole = "" if plain == clean else f"; filename*=UTF-8''{quote(clean, safe=_ATTR)}"
    return f'{kind}; filename="{plain}"{whole}'
