"""Every céntimo that another system counted differently, with its cause."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sunat import xml
from sunat.documents import Sale
from sunat.kinds import KINDS
from sunat.taxes import explain
from sunat.ubl.reading import read_voucher
from sunat.ubl.recomputing import Difference, Recomputation, recompute
from tests.support.history import unsigned

FIXTURES = sorted(
    path for row in KINDS if issubclass(row.model, Sale)
    for path in (Path(__file__).parents[3] / "fixtures").glob(f"{row.stem}/*/document.xml")
)
AMOUNT = b'currencyID="PEN">%s</cbc:%s>'


def worked(document: bytes) -> Recomputation:
    return recompute(read_voucher(xml.parse(document)))


def with_amount(tag: str, old: str, new: str, *, document: bytes | None = None, count: int = -1) -> bytes:
    source = unsigned(1) if document is None else document
    before, after = (AMOUNT % (value.encode(), tag.encode()) for value in (old, new))
    assert before in source
    return source.replace(before, after, count)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_our_own_amounts_differ_by_nothing(path: Path) -> None:
    assert worked(path.read_bytes()) == Recomputation(differences=(), beyond=())


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_our_own_totals_are_explained_from_the_xml_alone(path: Path) -> None:
    facts = read_voucher(xml.parse(path.read_bytes()))
    told = explain([line.amounts for line in facts.lines], facts.totals,
                   quantities=[line.quantity for line in facts.lines])
    assert {"value", "payable"} <= {each.total for each in told}
    for each in told:
        assert sum(step.amount for step in each.steps) == each.amount
        assert "difference" not in {step.kind for step in each.steps}, each.total


def test_a_total_that_is_no_sum() -> None:
    found = worked(with_amount("PayableAmount", "118.00", "128.00"))
    assert found.differences == (
        Difference(field="payable", expected=Decimal("118.00"), given=Decimal("128.00"), cause="wrong"),
    )


@pytest.mark.parametrize(("given", "cause"), [
    ("118.03", "rounding"), ("118.90", "tolerated"), ("119.00", "tolerated"), ("119.01", "wrong"),
])
def test_how_far_off_says_the_cause(given: str, cause: str) -> None:
    (found,) = worked(with_amount("PayableAmount", "118.00", given)).differences
    assert (found.field, found.cause) == ("payable", cause)


def test_a_line_whose_tax_is_not_its_rate() -> None:
    found = worked(with_amount("TaxAmount", "18.00", "17.00"))
    assert [(each.field, each.expected, each.given) for each in found.differences] == [
        ("lines.0.tax", Decimal("18.00"), Decimal("17.00")), ("payable", Decimal("117.00"), Decimal("118.00")),
    ]


def test_a_system_that_counts_from_prices_with_tax_is_understood() -> None:
    """Three at 9.90 with tax: 29.70, of which 25.17 and 4.53; from a unit value of two decimals it would be 25.17."""
    document = unsigned(1, unit_amount=Decimal("25.17"))
    document = document.replace(b'unitCode="NIU">1<', b'unitCode="NIU">3<')
    for tag, old, new in (
        ("PriceAmount", "29.70", "9.90"), ("PriceAmount", "25.17", "8.38"),
    ):
        document = with_amount(tag, old, new, document=document)
    assert worked(document).differences == ()


def test_a_rate_that_was_not_in_force() -> None:
    document = unsigned(1).replace(b"<cbc:Percent>18.00<", b"<cbc:Percent>19.00<")
    causes = {each.field: each.cause for each in worked(document).differences}
    assert causes == {"lines.0.tax": "tolerated", "lines.0.rate": "rate"}


@pytest.mark.parametrize(("old", "new", "word"), [
    (b">10</cbc:TaxExemptionReasonCode>", b">13</cbc:TaxExemptionReasonCode>", "affectation"),
    (b"<cac:TaxScheme><cbc:ID>1000<", b"<cac:TaxScheme><cbc:ID>2000<", "tribute"),
    (b'unitCode="NIU">1<', b'unitCode="NIU">0<', "quantity"),
    (b"<cbc:PayableAmount", b"<cbc:PayableRoundingAmount>1.10</cbc:PayableRoundingAmount><cbc:PayableAmount",
     "rounding"),
    (b"<cbc:PayableAmount", b"<cbc:PrepaidAmount>1.00</cbc:PrepaidAmount><cbc:PayableAmount", "prepaid"),
    (b"<cac:TaxTotal>", (b"<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>"
     b"<cbc:AllowanceChargeReasonCode>60</cbc:AllowanceChargeReasonCode><cbc:Amount>1.00</cbc:Amount>"
     b"</cac:AllowanceCharge><cac:TaxTotal>"), "charge"),
])
def test_what_the_method_does_not_reach_is_said_and_not_called_wrong(old: bytes, new: bytes, word: str) -> None:
    document = unsigned(1)
    assert old in document
    found = worked(document.replace(old, new, 1 if new.startswith(b"<cac:Allow") else -1))
    assert word in found.beyond
    assert found.differences == ()


def test_a_hostile_rate_divides_by_nothing() -> None:
    found = worked(unsigned(1).replace(b"<cbc:Percent>18.00<", b"<cbc:Percent>-100<"))
    assert {each.field for each in found.differences} == {"lines.0.tax", "lines.0.rate"}
