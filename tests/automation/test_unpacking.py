"""A table that comes in a ZIP: damage is the file's fault, a full disk is ours."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from retail.automation.files.zip_files import unpack
from retail.kit.errors import Invalid

TABLE = b"sku,name\n" + b"A-1,Bread\n" * 50_000


def packed(folder: Path) -> tuple[Path, zipfile.ZipInfo]:
    path = folder / "given.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("table.csv", TABLE)
        return path, made.infolist()[0]


def test_a_table_comes_out_whole(tmp_path: Path) -> None:
    path, entry = packed(tmp_path)
    unpack(path, entry, tmp_path / "out", len(TABLE))
    assert (tmp_path / "out").read_bytes() == TABLE


def test_a_table_with_one_byte_too_many_is_refused(tmp_path: Path) -> None:
    path, entry = packed(tmp_path)
    with pytest.raises(Invalid) as refused:
        unpack(path, entry, tmp_path / "out", len(TABLE) - 1)
    assert "is larger than" in str(refused.value.errors)


def test_damage_is_told_to_whoever_brought_the_file(tmp_path: Path) -> None:
    path, entry = packed(tmp_path)
    held = bytearray(path.read_bytes())
    held[60] ^= 0xFF
    path.write_bytes(held)
    with pytest.raises(Invalid) as refused:
        unpack(path, entry, tmp_path / "out", len(TABLE))
    assert "damaged" in str(refused.value.errors)


def test_a_full_disk_is_no_damage_of_the_file(tmp_path: Path) -> None:
    path, entry = packed(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        unpack(path, entry, Path("/dev/full"), len(TABLE))
