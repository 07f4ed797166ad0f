"""Every fixture's request becomes its document.xml, byte for byte; the XML is valid, judged clean and signable.

Rewrite the documents after a wanted change with ``./chasqui test tests/app/documents/test_goldens.py
--update-goldens`` and read the difference.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from app.documents.drafting import draft_offline
from app.documents.orders import document_type_of
from app.documents.schemas.reading import IssuerCard
from app.documents.schemas.request import DocumentRequest
from sunat import xml
from sunat.catalogues import catalogue
from sunat.documents import Address, Sale
from sunat.kinds import KINDS, kind
from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.signing import Signer, load_pem
from tests.support.schemas import schema_of

FIXTURES = Path(__file__).parents[3] / "fixtures"
CASES = sorted(path.parent for stem in {row.stem for row in KINDS} for path in FIXTURES.glob(f"{stem}/*/request.json"))
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
ISSUER = IssuerCard(
    ruc="20123456786", legal_name="EMPRESA EMISORA S.A.C.", trade_name="", address=Address(),
    establishment_code="0000",
)


def load(case: Path) -> dict[str, Any]:
    body = json.loads((case / "request.json").read_text(encoding="utf-8"), parse_float=Decimal)
    loaded: dict[str, Any] = DocumentRequest().load(body)
    return loaded


def name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def drafted(case: Path) -> tuple[bytes, list[str]]:
    body = load(case)
    row = kind(document_type_of(body["header"]).sunat_code)
    voucher, items = draft_offline(
        body, row, ISSUER, series=body["header"]["document_sequence_code"], number=1, now=NOW
    )
    errors = [f"{item.code} {item.pointer}: {item.message.en}" for item in items if item.severity == "error"]
    return voucher.numbered(1), errors


def test_there_are_cases_for_every_kind() -> None:
    assert len(CASES) >= 160
    assert {row.stem for row in KINDS if issubclass(row.model, Sale)} <= {case.parent.name for case in CASES}


SPANNED = {
    "//cbc:InvoiceTypeCode/@listID": {
        entry.code for entry in catalogue("51")
        if entry.flag("factura") or entry.flag("boleta") or entry.flag("liquidacion")
    },
    "//cbc:TaxExemptionReasonCode": {entry.code for entry in catalogue("07")},
    "//cac:TaxScheme/cbc:ID": {entry.code for entry in catalogue("05")},
    "//cbc:TierRange": {entry.code for entry in catalogue("08")},
    "/n:CreditNote//cbc:ResponseCode": {entry.code for entry in catalogue("09")},
    "/n:DebitNote//cbc:ResponseCode": {entry.code for entry in catalogue("10")},
    "//cbc:AllowanceChargeReasonCode": {
        "00", "01", "02", "03", "04", "05", "06", "20", "45", "46", "47", "48", "49", "50", "51", "52", "61",
        "62", "63",
    },
    "//cbc:Note/@languageLocaleID": {
        "1000", "1002", "2000", "2001", "2002", "2003", "2005", "2006", "2007", "2008", "2009",
    },
}
"""What the fixtures say at a place, at the least: every code of a list, or those that a voucher of ours can carry."""


@pytest.mark.parametrize("place", SPANNED)
def test_the_cases_span_every_kind_of_operation(place: str) -> None:
    """Operations, affectations, tributes, systems of the ISC, reasons of notes, discounts and charges, legends."""
    found = set()
    for case in CASES:
        root = etree.fromstring((case / "document.xml").read_bytes())
        names = {**xml.PREFIXES, "n": etree.QName(root).namespace}
        nodes = root.xpath(place, namespaces=names)
        found |= {node if isinstance(node, str) else node.text for node in nodes}
    assert SPANNED[place] - found == set()


@pytest.mark.parametrize("case", CASES, ids=name)
def test_golden(case: Path, request: pytest.FixtureRequest) -> None:
    rendered, errors = drafted(case)
    assert errors == []
    golden = case / "document.xml"
    if request.config.getoption("--update-goldens"):
        root = xml.parse(rendered)
        etree.indent(root)
        golden.write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n")
    stored = etree.fromstring(golden.read_bytes(), etree.XMLParser(remove_blank_text=True))
    assert xml.canonical(stored).decode() == rendered.decode()


@pytest.mark.parametrize("case", CASES, ids=name)
def test_golden_is_valid_ubl(case: Path) -> None:
    signer = Signer(load_pem((FIXTURES / "sunat" / "test_certificate.pem").read_bytes()))
    stored = etree.fromstring((case / "document.xml").read_bytes(), etree.XMLParser(remove_blank_text=True))
    root = etree.fromstring(signer.sign_xml(etree.tostring(stored)).xml)
    for later in root.findall(xml.qualified("sac:ExceptionalIndicator")):
        root.remove(later)  # SUNAT added it without publishing the schema that has it
    schema = schema_of(xml.name(root))
    assert schema.validate(root), schema.error_log


@pytest.mark.parametrize("case", CASES, ids=name)
def test_golden_is_judged_as_its_draft_was(case: Path) -> None:
    body = load(case)
    row = kind(document_type_of(body["header"]).sunat_code)
    root = etree.fromstring((case / "document.xml").read_bytes(), etree.XMLParser(remove_blank_text=True))
    context = Context(received=NOW.date(), exchange_rate=body["header"].get("exchange_rate_value"))
    assert [finding for finding in judge(root, row.rules, context) if finding.severity.value == "error"] == []


def written_by(template: str) -> set[str]:
    """The elements that a template and its fragments can write."""
    source = (FIXTURES.parent / "xml_templates" / template).read_text(encoding="utf-8")
    inner = [written_by(name) for name in re.findall(r'include "([^"]+)"', source)]
    return set(re.findall(r"<((?:cac|cbc|sac):\w+)", source)).union(*inner)


@pytest.mark.parametrize("template", sorted({row.template for row in KINDS}))
def test_every_element_of_the_templates_stands_in_a_fixture(template: str) -> None:
    """Nothing is written for the first time in front of SUNAT. Notes share fragments that they fill less of."""
    documents = "".join((case / "document.xml").read_text(encoding="utf-8") for case in CASES)
    assert {name for name in written_by(template) if f"<{name}" not in documents} == set()
