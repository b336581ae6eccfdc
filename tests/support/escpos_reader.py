"""Reads ESC/POS as a printer would: its own small parser, which shares nothing with the till's writer."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

PAGES = {16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254"}


@dataclass
class Paper:
    """What came out of the printer."""

    lines: list[str] = field(default_factory=list)
    pictures: list[Image.Image] = field(default_factory=list)
    cuts: int = 0
    kicks: int = 0
    page: str = "cp437"


def read(data: bytes) -> Paper:
    """Print bytes. Raises ValueError for what no printer understands."""
    if data[:2] != b"\x1b@":
        raise ValueError("it begins with no reset")
    paper, at, line = Paper(), 2, bytearray()
    while at < len(data):
        one = data[at]
        if one == 0x0A:
            paper.lines.append(line.decode(paper.page))
            line.clear()
            at += 1
        elif one == 0x1B:
            at = _escape(data, at, paper)
        elif one == 0x1D:
            at = _group(data, at, paper)
        elif one >= 32:
            line.append(one)
            at += 1
        else:
            raise ValueError(f"byte {one:02x} at {at}")
    if line:
        raise ValueError("the last line was never fed")
    return paper


def _escape(data: bytes, at: int, paper: Paper) -> int:
    name = chr(data[at + 1])
    if name == "t":
        paper.page = PAGES[data[at + 2]]
    elif name == "p":
        paper.kicks += 1
        return at + 5
    elif name not in "aEd":
        raise ValueError(f"ESC {name}")
    return at + 3


def _group(data: bytes, at: int, paper: Paper) -> int:
    name = chr(data[at + 1])
    if name == "!":
        return at + 3
    if name == "V":
        paper.cuts += 1
        return at + 4
    if data[at + 1 : at + 4] != b"v0\x00":
        raise ValueError(f"GS {name}")
    wide, high = (int.from_bytes(data[at + place : at + place + 2], "little") for place in (4, 6))
    bits = data[at + 8 : at + 8 + wide * high]
    if len(bits) != wide * high:
        raise ValueError("a picture breaks off")
    picture = Image.frombytes("1", (wide * 8, high), bytes(255 - one for one in bits))
    paper.pictures.append(picture.convert("L"))
    return at + 8 + wide * high
