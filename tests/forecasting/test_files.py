"""Files of sales: what they mean, and what is said about wrong ones."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from retail.forecasting.errors import SalesFileWrong, UnknownCountry
from retail.forecasting.files import Form, form_of, read_sales
from retail.forecasting.panel import Key

HEAD = "date,store,product,qty,price,promo\n"


def written(folder: Path, text: str | bytes, name: str = "sales.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_lines_become_series_by_day(tmp_path: Path) -> None:
    text = HEAD + (
        "2024-12-24,B,milk,3,1.50,\n"
        "2024-12-24,A,milk,2,,1\n"
        "2024-12-24,A,milk,1.5,,0\n"
        "2024-12-27,A,milk,4,,no\n"
        "2024-12-26,A,bread,1,2,true\n"
        "2024-12-27,B,milk,5,1.20,0\n"
    )
    read = read_sales(written(tmp_path, text), country="it")
    assert read.keys == (Key("A", "bread"), Key("A", "milk"), Key("B", "milk"))
    assert read.first == date(2024, 12, 24)
    nan = float("nan")
    wanted = [[nan, nan, 1, 0], [3.5, nan, 0, 4], [3, nan, nan, 5]]
    assert np.array_equal(read.quantity, wanted, equal_nan=True)
    assert read.open.tolist() == [[True, False, True, True], [True, False, True, True], [True, False, False, True]]
    assert read.promo.tolist() == [[False, False, True, False], [True, False, False, False], [False] * 4]
    assert np.array_equal(read.price[2], [1.5, 1.5, 1.5, 1.2])
    assert np.array_equal(read.price[0], [nan, nan, 2, 2], equal_nan=True)
    assert read.holiday[0].tolist() == [False, True, True, False]


def test_a_gzipped_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress((HEAD + "2024-01-01,A,x,2,,\n").encode()), "sales.dat")
    assert read_sales(path).quantity.tolist() == [[2]]


@pytest.mark.parametrize(
    ("text", "quantities", "form"),
    [
        ("date;store;product;qty;price\n2024-01-01;A;x;2,5;1.234,50\n", [2.5], Form(";", ",")),
        ("date;store;product;qty\n2024-01-01;A;x;2.5\n", [2.5], Form(";", ".")),
        ("date;store;product;qty\n2024-01-01;A;x;1.000\n2024-01-02;A;x;2,5\n", [1000, 2.5], Form(";", ",")),
        ('date,store,product,qty\n2024-01-01,A,x,"2,5"\n', [2.5], Form(",", ",")),
        ('date,store,product,qty\n2024-01-01,A,x,"1,250.5"\n', [1250.5], Form(",", ".")),
        ("date\tstore\tproduct\tqty\n2024-01-01\tA\tx\t12\n", [12], Form("\t", ".")),
    ],
)
def test_semicolons_tabs_and_decimal_commas_are_read(
    tmp_path: Path, text: str, quantities: list[float], form: Form
) -> None:
    path = written(tmp_path, text)
    assert form_of(path) == form
    assert read_sales(path).quantity.tolist() == [quantities]


def test_columns_stand_in_any_order_and_case(tmp_path: Path) -> None:
    text = "\ufeffQTY, Product,store,Date,colour\n2,x,A,2024-01-01,red\n"
    assert read_sales(written(tmp_path, text)).quantity.tolist() == [[2]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,store,qty\n", "sales.csv, line 1: The column “product” is missing"),
        ("", "sales.csv, line 1: The column “date” is missing"),
        (HEAD, "The file has no lines"),
        (
            HEAD + "2024-01-01,A,x,2,,\n31.1.2024,A,x,2,,\n",
            "sales.csv, line 3, column date: “31.1.2024” isn't a date. Write it as 2026-03-31.",
        ),
        (HEAD + "2024-01-01,A,x,two,,\n", "sales.csv, line 2, column qty: “two” isn't a number"),
        (HEAD + "2024-01-01,A,x,nan,,\n", "sales.csv, line 2, column qty: “nan” isn't a number"),
        (HEAD + "2024-01-01,A,x,1e999,,\n", "sales.csv, line 2, column qty: “1e999” isn't a number"),
        (HEAD + "2024-01-01,A,x,,,\n", "sales.csv, line 2, column qty: “” isn't a number"),
        (
            HEAD + "2024-01-01,A,x,-1,,\n",
            "sales.csv, line 2, column qty: it is below 0. Returns aren't demand: leave them out.",
        ),
        (HEAD + "2024-01-01,A,x,1,dear,\n", "sales.csv, line 2, column price: “dear” isn't a number"),
        (
            HEAD + "2024-01-01,A,x,1,,maybe\n",
            "sales.csv, line 2, column promo: “maybe” isn't a promotion. Write 1 or 0.",
        ),
        (HEAD + "2024-01-01,,x,1,,\n", "sales.csv, line 2, column store: it is empty"),
        (HEAD + "2024-01-01\n", "sales.csv, line 2, column store: it is empty"),
        (HEAD + "1024-01-01,A,x,1,,\n2024-01-01,A,x,1,,\n", "at most 20 years"),
        (HEAD.encode() + b"2024-01-01,A,\xff,1,,\n", "isn't UTF-8"),
        (gzip.compress((HEAD + "2024-01-01,A,x,1,,\n" * 9).encode(), mtime=0)[:-20], "can't be read"),
        (HEAD + '2024-01-01,A,"' + "x" * 200_000 + '",1,,\n', "isn't CSV"),
    ],
)
def test_a_wrong_file_gets_a_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(SalesFileWrong) as refused:
        read_sales(written(tmp_path, text))
    assert said in str(refused.value)


def test_a_missing_file_and_an_unknown_country_get_one_too(tmp_path: Path) -> None:
    with pytest.raises(SalesFileWrong, match=r"There is no file “.*none\.csv”\. Check"):
        read_sales(tmp_path / "none.csv")
    with pytest.raises(UnknownCountry, match="No holidays are known for “QQ”"):
        read_sales(written(tmp_path, HEAD + "2024-01-01,A,x,1,,\n"), country="QQ")
    with pytest.raises(UnknownCountry, match="“DE-ZZ”"):
        read_sales(written(tmp_path, HEAD + "2024-01-01,A,x,1,,\n"), country="DE", region="ZZ")
