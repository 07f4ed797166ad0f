"""What people type into the receiver's form is read as they mean it, or the field is told."""

from __future__ import annotations

from datetime import date

import pytest

from app.receiver.asking import FIELDS, Asked, read

PAPER = {"ruc": "20123456786", "kind": "01", "series": "F001", "number": "123", "date": "2026-11-20", "total": "118"}
MEANT = Asked(
    ruc="20123456786", sunat_code="01", series="F001", number=123, issue_date=date(2026, 11, 20), total=11800
)


@pytest.mark.parametrize("written", [
    {}, {"number": "00000123"}, {"series": "f001"}, {"date": "20/11/2026"}, {"date": "20-11-2026"},
    {"total": "118.00"}, {"total": "S/ 118.0"}, {"total": "US$118"}, {"ruc": " 20123456786 "},
])
def test_ways_to_write_the_same(written: dict[str, str]) -> None:
    assert read({**PAPER, **written}) == MEANT


def test_thousands_and_the_total_that_a_guide_has_not() -> None:
    large = read({**PAPER, "total": "1,234,567.80"})
    none = read({**PAPER, "kind": "09", "total": ""})
    assert isinstance(large, Asked)
    assert isinstance(none, Asked)
    assert (large.total, none.total) == (123456780, 0)


@pytest.mark.parametrize(("name", "text"), [
    ("ruc", "2012345678"), ("ruc", "２０１２３４５６７８６"), ("kind", "factura"), ("series", "F0011"),
    ("series", "F001-123"), ("number", "0"), ("number", "123456789"), ("number", "-1"), ("date", "2026-02-30"),
    ("date", "11/20/2026"), ("date", "0000-01-01"), ("total", "118,00"), ("total", "1e5"), ("total", "1.234,50"),
    ("total", "-118"), ("total", "9" * 13), ("series", "F0\x001"),
])
def test_what_means_nothing_is_told_by_its_field(name: str, text: str) -> None:
    assert read({**PAPER, name: text}) == {name: FIELDS[name].complaint}


def test_all_fields_at_once() -> None:
    assert read({}) == {name: field.complaint for name, field in FIELDS.items() if name != "total"}
