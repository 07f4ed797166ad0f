"""From nodes to fields, and what the QR says."""

from __future__ import annotations

from datetime import date

import pytest

from sunat import xml
from sunat.numbering import VoucherId
from sunat.terms import last_day, term_of
from sunat.ubl.pointers import field_of
from sunat.ubl.printed import qr_text
from sunat.ubl.render import render
from tests.support.cases import CASES
from tests.support.vouchers import CUSTOMER_RUC, ISSUER_RUC, TEMPLATES, sale


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/Invoice/cbc:ID", "series"),
        ("/Invoice/cbc:InvoiceTypeCode/@listID", "operation_type"),
        ("/Invoice/cac:InvoiceLine/cbc:InvoicedQuantity", "lines.0.quantity"),
        ("/CreditNote/cac:CreditNoteLine[3]/cac:Item/cbc:Description", "lines.2.description"),
        (
            "/DebitNote/cac:DebitNoteLine[1]/cac:TaxTotal/cac:TaxSubtotal[2]/cac:TaxCategory/cbc:Percent",
            "lines.0.taxes.rate",
        ),
        ("/Invoice/cac:InvoiceLine[2]", "lines.1"),
        ("/Invoice/cac:PaymentTerms[1]/cbc:Amount", "payment.pending"),
        ("/Invoice/cac:PaymentTerms[3]/cbc:PaymentDueDate", "payment.instalments.1.due_date"),
        ("/Invoice/cac:PaymentTerms[1]/cbc:PaymentMeansID", "payment"),
        (
            "/Invoice/cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID/@schemeID",
            "customer.identity_code",
        ),
        (
            "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cac:RegistrationAddress/cbc:ID",
            "issuer.address.ubigeo",
        ),
        ("/CreditNote/cac:DiscrepancyResponse/cbc:ResponseCode", "reason_code"),
        ("/DebitNote/cac:RequestedMonetaryTotal/cbc:PayableAmount", "totals.payable"),
        ("/Invoice", ""),
        ("/Invoice/cbc:UBLVersionID", ""),
    ],
)
def test_a_node_belongs_to_its_field(path: str, field: str) -> None:
    assert field_of(path) == field


@pytest.mark.parametrize("stem", TEMPLATES)
def test_every_node_we_write_with_the_callers_data_has_a_field(stem: str) -> None:
    """A finding on any amount, text or code of the caller's points somewhere better than at the whole voucher."""
    ours = {"UBLExtensions", "UBLVersionID", "CustomizationID"}
    root = xml.parse(render(sale(stem), template=TEMPLATES[stem], series="F001").numbered(1))
    unknown = []
    for child in xml.children(root):
        for node in child.iter():
            path = root.getroottree().getelementpath(node)
            prefixed = "/" + xml.name(root) + "/" + _prefixed(str(path))
            if xml.name(child).partition(":")[2] not in ours and not field_of(prefixed):
                unknown.append(prefixed)
    assert unknown == []


def test_the_qr_has_the_ten_values_of_annex_6() -> None:
    text = qr_text(sale(), VoucherId(ruc=ISSUER_RUC, type_code="01", series="F001", number=7), "abc=")
    assert text == f"{ISSUER_RUC}|01|F001|7|18.00|118.00|2026-11-20|6|{CUSTOMER_RUC}|abc="


@pytest.mark.parametrize(("case", "igv", "payable"), [
    ("taxed", "36.00", "236.00"), ("mixed", "36.00", "396.00"), ("ivap", "0.00", "208.00"),
    ("all_free", "0.00", "0.00"), ("free_15", "36.00", "236.00"), ("excise_by_value", "39.60", "259.60"),
    ("one_advance", "18.00", "118.00"),
])
def test_the_qr_tells_the_igv_that_is_charged(case: str, igv: str, payable: str) -> None:
    """Neither IVAP nor ISC is IGV, and that of what is given away is only shown."""
    text = qr_text(CASES["invoice", case], VoucherId(ruc=ISSUER_RUC, type_code="01", series="F001", number=7), "abc=")
    assert text.split("|")[4:6] == [igv, payable]


@pytest.mark.parametrize(
    ("type_code", "series", "last"),
    [
        ("01", "F001", "2026-11-23"), ("07", "FC01", "2026-11-23"), ("08", "BD01", "2026-11-25"),
        ("03", "B001", "2026-11-25"), ("01", "0001", None), ("09", "T001", "2026-11-21"),
        ("31", "V001", "2026-11-21"), ("12", "L001", None),
    ],
)
def test_each_kind_has_its_last_day(type_code: str, series: str, last: str | None) -> None:
    found = last_day(type_code, series, date(2026, 11, 20))
    assert (found.isoformat() if found else None) == last


def test_a_term_counts_from_the_day_it_was_made_law() -> None:
    assert term_of("01", "F001", date(2023, 1, 4)) is None
    assert term_of("01", "F001", date(2023, 1, 5)) is not None


def _prefixed(path: str) -> str:
    for prefix, namespace in xml.PREFIXES.items():
        path = path.replace(f"{{{namespace}}}", f"{prefix}:")
    return path
