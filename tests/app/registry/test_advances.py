"""History counts in the ledger of advances: what imported vouchers used, and imported vouchers as advances."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from app.almanac import rates
from app.ledger import store
from app.ledger.advances import AdvanceUseRecord, balance_of
from sunat import xml
from sunat.documents import Advance, Invoice
from sunat.money import from_cents
from sunat.taxes import AdvanceInput, AllowanceCharge
from sunat.ubl.prepayments import read_prepayments
from sunat.ubl.render import render
from tests.app.registry.conftest import Mover
from tests.support.history import cdr, name, signer_of
from tests.support.signing import RUC
from tests.support.vouchers import sale

OLD_DAY = date(2025, 6, 2)


def advance(number: str, total: str, payment_id: str = "1", **more: str) -> Advance:
    return Advance(
        payment_id=payment_id, document_type=more.get("document_type", "02"), number=number, issuer_code="6",
        issuer_number=more.get("issuer", RUC),
        amounts=AdvanceInput(affectation="taxed", base=Decimal(total), total=Decimal(total)),
    )


def using(number: int, *advances: Advance, codes: tuple[str, ...] = ("04",), currency: str = "PEN") -> bytes:
    """A signed factura of the old system that uses advances."""
    said = sale("invoice", currency=currency, issue_date=OLD_DAY, unit_amount=Decimal(2000), advances=advances)
    assert isinstance(said, Invoice)
    deductions = tuple(
        AllowanceCharge(code=code, is_charge=False, amount=Decimal(1), base=Decimal(1)) for code in codes
    )
    said = replace(
        said, issuer=replace(said.issuer, identity_number=RUC, establishment_code="0000"),
        totals=replace(said.totals, allowances=deductions, prepaid=sum(each.amounts.total for each in advances)),
    )
    written = render(said, template="invoice.xml", series="F001").numbered(number)
    return signer_of(RUC).sign(written).xml


def test_the_advances_of_anybodys_voucher_are_read_back() -> None:
    document = using(
        5, advance("F001-00000001", "500"), advance("F001-2", "80", "2", issuer="20987654326"),
        advance("B001-3", "20", "3", document_type="03"), advance("118-2025-10-1", "9", "4", document_type="10"),
        codes=("04", "05"),
    )
    found = read_prepayments(xml.parse(document))
    assert [(each.type_code, each.series, each.number, each.amount, each.affectation) for each in found] == [
        ("01", "F001", 1, Decimal(500), ""), ("01", "F001", 2, Decimal(80), ""), ("03", "B001", 3, Decimal(20), ""),
    ]
    assert found[1].issuer_number == "20987654326"
    (alone,) = read_prepayments(xml.parse(using(6, advance("F001-1", "500"))))
    assert alone.affectation == "taxed"
    assert read_prepayments(xml.parse(using(7))) == ()


def test_history_counts_whichever_comes_first(mover: Mover) -> None:
    files = {
        f"{name(5)}.xml": using(5, advance("F001-00000001", "500")),
        f"R-{name(5)}.xml": cdr(5), f"{name(6)}.xml": using(6, advance("F001-1", "80"), codes=()),
        f"R-{name(6)}.xml": cdr(6),
    }
    mover.apply(files)
    with mover.database.read() as session:
        assert len(session.scalars(select(AdvanceUseRecord)).all()) == 2
    mover.apply({f"{name(1)}.xml": using(1), f"R-{name(1)}.xml": cdr(1)})
    with mover.database.read() as session:
        row = store.document_by_number(session, mover.owner.account_id, sunat_code="01", series="F001", number=1)
        assert row is not None
        balance = balance_of(session, row)
        assert [(use.number, use.affectation, use.amount) for use in balance.uses] == [
            ("F001-5", "taxed", 50000), ("F001-6", "any", 8000),
        ]
        assert from_cents(balance.left) == from_cents(row.total) - 580


def test_history_in_another_currency_counts_where_a_rate_is_known(mover: Mover) -> None:
    mover.apply({
        f"{name(5)}.xml": using(5, advance("F001-1", "100"), currency="USD"), f"R-{name(5)}.xml": cdr(5),
        f"{name(1)}.xml": using(1), f"R-{name(1)}.xml": cdr(1),
    })
    with mover.database.write() as session:
        row = store.document_by_number(session, mover.owner.account_id, sunat_code="01", series="F001", number=1)
        assert row is not None
        before = balance_of(session, row)
        assert (before.used, before.uncounted) == (0, ("F001-5",))
        rate = rates.DayRate(currency="USD", day=OLD_DAY, buy=Decimal("3.70"), sell=Decimal("3.75"))
        rates.keep(session, [rate], actor="test", now=row.created_at)
        after = balance_of(session, row)
        assert (after.used, after.uncounted) == (37500, ())
