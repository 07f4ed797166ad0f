"""A file against everything: parcel, bytes, schema, rules, signature; and that nothing makes it raise."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sunat import xml
from sunat.errors import SchemaError
from sunat.rules import general, perception, retention, signature
from sunat.rules.context import Context
from sunat.rules.engine import RuleTable, judge
from sunat.schemas import Schemas
from sunat.signing import Signer
from sunat.transport.zipping import pack
from sunat.validation import CODES_OF, Asked, Examined, examine, examine_parcel, voucher_named
from tests.sunat.rules.vouchers import Shape, build
from tests.support.shared import PROJECT, shared_path
from tests.support.signing import RUC, fixed_signer, signed_for

NAME = "20123456786-01-F001-123"
XSD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</xs:schema>'
GOLDENS = sorted((PROJECT / "fixtures").glob("*/*/document.xml"))
SIGNED = fixed_signer().sign_xml(build(Shape())).xml
UNSIGNED = Asked(signed=False)


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas(shared_path("sunat", "xsd"))


def codes(examined: Examined) -> list[str]:
    return [finding.code for finding in examined.findings]


def test_a_signed_voucher_in_its_parcel_is_clean() -> None:
    parcel = examine_parcel(pack(NAME, SIGNED), f"{NAME}.zip", Asked())
    for found in (examine(SIGNED, Asked(), name=f"{NAME}.xml"), parcel):
        assert found.kind is not None
        assert (found.kind.code, found.findings, found.unjudged, found.rejected) == ("01", (), None, False)


@pytest.mark.parametrize(("kind", "stem"), [("03", "boleta"), ("07", "credit_note"), ("08", "debit_note")])
def test_each_kind_is_recognised(kind: str, stem: str) -> None:
    found = examine(build(Shape(kind=kind)), UNSIGNED)
    assert (found.kind and found.kind.stem, found.findings) == (stem, ())


@pytest.mark.parametrize(
    ("zipped", "name", "code"),
    [
        (b"", NAME, "0155"), (b"no zip", NAME, "0156"), (pack(NAME, SIGNED), "factura", "0151"),
        (pack("20123456786-01-F001-124", SIGNED), NAME, "0161"), (pack("factura", SIGNED), NAME, "0159"),
        (pack(NAME, b""), NAME, "0160"),
        (b"PK\x05\x06" + bytes(18), NAME, "0157"),
    ],
)
def test_a_wrong_parcel_has_its_code(zipped: bytes, name: str, code: str) -> None:
    found = examine_parcel(zipped, f"{name}.zip", Asked())
    assert codes(found) == [code]
    assert found.rejected


def test_two_files_in_a_parcel_are_one_too_many() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in (123, 124):
            archive.writestr(f"20123456786-01-F001-{number}.xml", SIGNED)
    assert codes(examine_parcel(out.getvalue(), f"{NAME}.zip", Asked())) == ["0158"]


def test_names_are_held_against_the_voucher_where_they_have_the_form() -> None:
    wrong = "20123456786-01-F001-124.xml"
    assert codes(examine(SIGNED, Asked(), name=wrong)) == ["1036"]
    assert codes(examine(SIGNED, Asked(), name="factura.xml")) == []
    assert codes(examine(SIGNED, Asked(named=True), name="factura.xml")) == ["0159"]
    assert voucher_named(wrong)
    assert not voucher_named("20123456786-RC-20261120-1.xml")


@pytest.mark.parametrize("content", [b"not xml", b"<a>", b"<!DOCTYPE a []><a/>", b"\xff\xfe<", b"<a b='1' b='2'/>"])
def test_what_cannot_be_read_is_0306(content: bytes) -> None:
    assert codes(examine(content, Asked())) == ["0306"]


@pytest.mark.parametrize(
    "content",
    [b"<Order/>", b"<Invoice/>", b'<Invoice xmlns="urn:other"/>',
     b'<ApplicationResponse xmlns="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"/>'],
)
def test_another_kind_of_paper_is_not_judged(content: bytes) -> None:
    found = examine(content, Asked())
    assert (found.kind, found.findings, found.rejected) == (None, (), False)
    assert found.unjudged is not None


def test_the_signature_is_asked_for_and_verified() -> None:
    assert {"2085", "2099"} <= set(codes(examine(build(Shape()), Asked())))
    assert codes(examine(SIGNED.replace(b"TIENDA DE PRUEBA", b"TIENDA DE PRUEBA 2"), Asked())) == ["2335"]
    assert codes(examine(SIGNED.replace(b"<ds:DigestValue>", b"<ds:DigestValue>AA"), Asked())) == ["2335"]
    start = SIGNED.index(b"<ds:SignatureValue>") + 30
    assert codes(examine(SIGNED[:start] + b"AAAA" + SIGNED[start + 4:], Asked())) == ["2335"]


def test_the_certificate_is_in_force_on_the_issue_date_and_names_the_issuer() -> None:
    old = Signer(signed_for(RUC, start=datetime(2020, 1, 1, tzinfo=UTC), days=30)).sign_xml(build(Shape())).xml
    found = examine(old, Asked())
    assert codes(found) == ["CHQ-CERTIFICATE-DATES"]
    assert found.rejected
    provider = signed_for("20987654326", start=datetime(2025, 1, 1, tzinfo=UTC), days=3000)
    other = Signer(provider).sign_xml(build(Shape())).xml
    found = examine(other, Asked())
    assert codes(found) == ["CHQ-CERTIFICATE-RUC"]
    assert not found.rejected
    known = Asked(context=Context(received=date.min, sender_ruc="20987654326"))
    assert codes(examine(other, known)) == []


def test_what_sunat_is_turning_into_an_error_is_told_and_may_be_one_already() -> None:
    root = xml.parse(build(Shape(kind="03")))
    total = xml.find(root, "cac:LegalMonetaryTotal/cbc:PayableAmount")
    assert total is not None
    total.text = "999.99"
    content = xml.serialise(root)
    lenient, strict = examine(content, UNSIGNED), examine(content, Asked(signed=False, strict=True))
    finding, = lenient.findings
    assert (finding.code, finding.becomes, finding.turning, lenient.rejected) == ("4312", "3514", True, False)
    assert "3514" in finding.message_es
    assert "3514" in finding.message_en
    assert (codes(strict), strict.rejected) == (["4312"], True)


@pytest.mark.parametrize(("root", "rules"), [("Retention", retention.RULES), ("Perception", perception.RULES)])
def test_certificates_of_retention_and_perception_have_their_own_signatory(root: str, rules: RuleTable) -> None:
    party = "<cac:PartyIdentification><cbc:ID>20123456786</cbc:ID></cac:PartyIdentification>"
    tree = xml.parse(
        f'<{root} xmlns="urn:x" xmlns:cac="{xml.CAC}" xmlns:cbc="{xml.CBC}"><cac:Signature><cac:SignatoryParty>{party}'
        f"</cac:SignatoryParty></cac:Signature><cac:AgentParty>{party}</cac:AgentParty></{root}>".encode()
    )
    context = Context(received=date(2026, 11, 20))
    assert "2078" not in {one.code for one in judge(tree, signature.table(root), context)}
    named = replace(context, file_name="20987654326-20-R001-1.xml")
    assert "1034" in {one.code for one in judge(tree, general.table(root), named)}
    assert rules.names.full("supplier/identity").startswith("cac:AgentParty")


def test_a_finding_repeats_no_more_of_a_value_than_anybody_reads() -> None:
    long = build(Shape()).replace(b"<cbc:CustomizationID>2.0", b"<cbc:CustomizationID>" + b"9" * 100_000)
    finding = next(one for one in examine(long, UNSIGNED).findings if one.code == "2072")
    assert finding.value == "9" * 500 + "..."


@pytest.mark.parametrize(("outage", "code"), [("reception", "0100"), ("sign-in", "0109")])
def test_an_outage_is_told_only_where_it_is_known(outage: str, code: str) -> None:
    down = Context(received=date(2026, 11, 20), outages=frozenset({outage}))
    assert codes(examine(SIGNED, Asked(context=down))) == [code]
    for root in ("Invoice", "CreditNote", "DebitNote"):
        kind = {"Invoice": "01", "CreditNote": "07", "DebitNote": "08"}[root]
        tree = xml.parse(build(Shape(kind=kind)))
        assert [one.code for one in judge(tree, general.RULES[root], down)] == [code]
        assert judge(tree, general.RULES[root], Context(received=date(2026, 11, 20))) == ()


def test_every_code_of_the_sheet_general_is_broken_in_a_test_here_or_among_the_pairs() -> None:
    here = {"0155", "0156", "0151", "0161", "0159", "0160", "0157", "0158", "0306", "2335", "0100", "0109"}
    pairs = {"0151", "0159", "0161", "1034", "1035", "1036", "1078"}
    assert CODES_OF["general"] == here | pairs


class TestSchemas:
    @pytest.mark.parametrize("kind", ["01", "03", "07", "08"])
    def test_what_the_rules_accept_signed_or_not_may_break_only_the_order(self, schemas: Schemas, kind: str) -> None:
        root = xml.parse(build(Shape(kind=kind)).replace(b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID>", b""))
        found = examine(xml.serialise(root), Asked(signed=False, schemas=schemas))
        assert "2075" in codes(found)

    def test_a_wrong_order_is_0306_with_its_place(self, schemas: Schemas) -> None:
        content = SIGNED.replace(
            b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>2.0</cbc:CustomizationID>",
            b"<cbc:CustomizationID>2.0</cbc:CustomizationID><cbc:UBLVersionID>2.1</cbc:UBLVersionID>",
        )
        found = examine(content, Asked(signed=False, schemas=schemas))
        assert codes(found) == ["0306"]
        assert found.findings[0].path == "/Invoice/cbc:UBLVersionID"
        assert codes(examine(content, UNSIGNED)) == []

    @pytest.mark.parametrize("golden", GOLDENS, ids=lambda one: one.parent.name)
    def test_goldens_follow_the_schema_before_they_are_signed(self, schemas: Schemas, golden: Path) -> None:
        assert schemas.breaches(xml.parse(golden.read_bytes())) == ()

    def test_an_empty_extension_counts_once_there_is_a_signature(self, schemas: Schemas) -> None:
        root = xml.parse(SIGNED)
        extensions = xml.find(root, "ext:UBLExtensions")
        assert extensions is not None
        empty = b'<e:UBLExtension xmlns:e="%b"><e:ExtensionContent/></e:UBLExtension>' % xml.EXT.encode()
        extensions.append(xml.parse(empty))
        assert [one.path.rpartition("/")[2] for one in schemas.breaches(root)] == ["ext:ExtensionContent"]

    def test_a_folder_without_them_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SchemaError, match=r"no UBL-Invoice-2.1.xsd"):
            Schemas(tmp_path)
        with pytest.raises(SchemaError, match="not a folder"):
            Schemas(tmp_path / "nowhere")

    @pytest.mark.parametrize(("body", "said"), [
        ("<x", "missing or cannot be read"),
        (XSD.format('<xs:element name="a" type="nope"/>'), "does not compile"),
        (XSD.format('<xs:include schemaLocation="../x.xsd"/>'), "outside its folder"),
        (XSD.format('<xs:include schemaLocation="/etc/passwd"/>'), "outside its folder"),
        (XSD.format('<xs:import namespace="u" schemaLocation="http://127.0.0.1:9/x.xsd"/>'), "missing or cannot"),
        ('<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + XSD.format(""), "points outside"),
    ])
    def test_a_schema_that_reaches_out_or_is_broken_is_refused(self, tmp_path: Path, body: str, said: str) -> None:
        (tmp_path / "UBL-Invoice-2.1.xsd").write_text(body, encoding="utf-8")
        with pytest.raises(SchemaError, match=said):
            Schemas(tmp_path)


def test_a_boleta_older_than_the_limit_for_the_unnamed_is_judged() -> None:
    golden = (PROJECT / "fixtures" / "boleta" / "anonymous" / "document.xml").read_bytes()
    for day in (b"1900-01-01", b"2011-02-01"):
        start, _, rest = golden.partition(b"<cbc:IssueDate>")
        old = start + b"<cbc:IssueDate>" + day + rest[10:]
        assert "CHQ-BOLETA-700" not in codes(examine(old, UNSIGNED))
