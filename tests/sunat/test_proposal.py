"""SIRE's proposal: how far SUNAT knows each series, in whatever form the export comes."""

from __future__ import annotations

import pytest

from sunat.errors import FormatError
from sunat.rvie.proposal import merged, read_proposal

RUC = "20123456786"
OTHER = "20987654326"


def line(
    kind: str, series: str, number: int, *, mark: str = "|", period: str = "202611", ruc: str = RUC, last: str = "",
    car: str | None = None, name: str = "EMPRESA EMISORA S.A.C.",
) -> str:
    coded = f"{ruc}{kind}{series}{number:010}" if car is None else car
    columns = [ruc, name, period, coded, "20/11/2026", "", kind, series, str(number), last, "1", "12345678"]
    return mark.join([*columns, *["0.00"] * 28]) + "\r\n"


def test_the_highest_number_of_each_kind_and_series() -> None:
    found = read_proposal([
        line("01", "F001", 7), line("01", "F001", 12), line("01", "F001", 9), line("03", "B001", 300),
        line("07", "F001", 2), "\n", line("12", "0001", 100, last="180", car=""),
    ])
    assert (found.ruc, found.periods, found.rows) == (RUC, {"202611"}, 6)
    assert {(one.kind, one.series): one.number for one in found.highest} == {
        ("01", "F001"): 12, ("03", "B001"): 300, ("07", "F001"): 2, ("12", "0001"): 180,
    }
    best = found.of("01", "F001")
    assert best is not None
    assert "|12|" in best.line
    assert found.of("01", "F002") is None


@pytest.mark.parametrize("mark", ["|", "\t", ";", ","])
def test_columns_may_be_parted_in_four_ways_and_headed(mark: str) -> None:
    quoted = 'EMPRESA "EMISORA" S.A.C.' if mark in "|\t" else '"EMPRESA; EMISORA, S.A.C."'
    heading = mark.join(["\ufeffRuc", "Razon Social", "Periodo", *["x"] * 37]) + "\n"
    found = read_proposal([heading, line("01", "F001", 3, mark=mark, name=quoted, period="20261100")])
    assert [(one.series, one.number) for one in found.highest] == [("F001", 3)]
    assert found.periods == {"202611"}


@pytest.mark.parametrize(("lines", "said"), [
    ([], "lists no voucher"),
    (["una línea cualquiera\n"], "Line 1 has 1 columns"),
    ([line("01", "F001", 3), "a|b\n"], "Line 2 has 2 columns"),
    ([line("01", "F001", 3), line("01", "F001", 4, ruc=OTHER)], f"Line 2 is of RUC {OTHER}"),
    ([line("01", "F001", 3, car=f"{RUC}01F0010000000004")], "Line 1, CAR"),
    ([line("01", "F001", 3).replace("|3||", "|x||")], "Line 1, Número"),
    ([line("01", "F001", 3, last="2")], "'3-2' cannot be"),
    ([line("01", "F001", 3, period="2026")], "Line 1, Periodo"),
    (["x" * 30_000], "too long"),
    ([line("01", "F001", 3, mark=",", name='"open')], "Line 1 cannot be read"),
])
def test_what_is_no_proposal_is_refused_by_its_line(lines: list[str], said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read_proposal(lines)


def test_several_months_are_one() -> None:
    both = merged([
        read_proposal([line("01", "F001", 3, period="202610"), line("03", "B001", 8, period="202610")]),
        read_proposal([line("01", "F001", 5)]),
    ])
    assert (both.periods, both.rows) == ({"202610", "202611"}, 3)
    assert {one.series: one.number for one in both.highest} == {"F001": 5, "B001": 8}
    with pytest.raises(FormatError, match="several RUCs"):
        merged([read_proposal([line("01", "F001", 3)]), read_proposal([line("01", "F001", 3, ruc=OTHER)])])
