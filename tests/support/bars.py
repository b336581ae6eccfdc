"""Barcodes as a camera sees them."""

from __future__ import annotations

_LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
_SIDES = ["LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"]


def bars(code: str) -> str:
    """Draw an EAN-13, one digit a module (ISO/IEC 15420): 1 is dark."""
    left = "".join(
        _LEFT[int(digit)] if side == "L" else _flipped(_LEFT[int(digit)])[::-1]
        for digit, side in zip(code[1:7], _SIDES[int(code[0])], strict=True)
    )
    right = "".join(_flipped(_LEFT[int(digit)]) for digit in code[7:])
    return f"101{left}01010{right}101"


def _flipped(modules: str) -> str:
    return modules.translate(str.maketrans("01", "10"))
