"""Printed vouchers over real HTTP: the address of the PDF, the look of a series, marks, names, failures."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import update

from app.accounts.models import AccountRecord
from app.ledger.models import DocumentRecord, VoidingRecord
from app.printing import typesetting
from app.wire.formats import FORMATS
from tests.support.papers import FIXTURES, folded, seen
from tests.support.pictures import SVG, raster, svg
from tests.support.world import Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("printing")
    with world(kind, folder, delivers=False, public_url="https://comprobantes.example.pe/") as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    return place.open()


@pytest.fixture(scope="module")
def sale(shop: Tenancy) -> dict[str, Any]:
    return shop.till.issued(body_of(shop))


def pdf_of(shop: Tenancy, document_id: int, **query: str) -> bytes:
    answer = shop.till("GET", f"/V1/documents/{document_id}/pdf", params=query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.text
    return answer.content


def branded(shop: Tenancy, series: str, **look: Any) -> None:
    """Gives a series a look of its own."""
    rows = shop.till("GET", "/V1/series").json()["series"]
    (row,) = (each for each in rows if each["code"] == series and each["kind"] == "01")
    answer = shop.till("PATCH", f"/V1/series/{row['id']}", {"branding": look}, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("size", FORMATS)
def test_each_format_has_the_code_the_number_and_the_mark(shop: Tenancy, sale: dict[str, Any], size: str) -> None:
    first, again = (pdf_of(shop, sale["document_id"], format=size) for _ in range(2))
    assert first == again
    found = seen(first, overlapping=False)
    assert found.faults == ()
    assert found.codes == (sale["electronic_document"]["qr_text"],)
    for text in ("F001-00000001", "SIN VALOR TRIBUTARIO", sale["electronic_document"]["digest_value"],
                 "Representación impresa de la factura electrónica", "www.sunat.gob.pe", "S/ 1,180.00",
                 "Consulte este comprobante en https://comprobantes.example.pe/v/sandbox y su validez"):
        assert folded(text) in found.text


def test_the_file_is_named_by_ruc_kind_and_number(shop: Tenancy, sale: dict[str, Any]) -> None:
    answer = shop.till("GET", f"/V1/documents/{sale['document_id']}/pdf")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{shop.ruc}-01-F001-1.pdf"'


def test_issuing_waits_for_no_paper_and_reading_has_it(shop: Tenancy, sale: dict[str, Any]) -> None:
    assert sale["electronic_document"]["document_pdf"] is None
    path = f"/V1/documents/{sale['document_id']}"
    told = shop.till("GET", path).json()["electronic_document"]
    assert b64decode(told["document_pdf"]) == pdf_of(shop, sale["document_id"])
    assert shop.till("GET", f"{path}?pdf=0").json()["electronic_document"]["document_pdf"] is None
    asked = shop.till.issued(body_of(shop), pdf=1)
    assert b64decode(asked["electronic_document"]["document_pdf"]).startswith(b"%PDF")


def test_the_stamp_is_a_picture_of_the_code(shop: Tenancy, sale: dict[str, Any]) -> None:
    for told in (
        shop.till("GET", f"/V1/documents/{sale['document_id']}?generate_stamp=1&pdf=0").json(),
        shop.till.issued(body_of(shop), generate_stamp=1),
    ):
        picture = Image.open(BytesIO(b64decode(told["electronic_document"]["stamp_img"])))
        (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        assert found.text == told["electronic_document"]["qr_text"]
        assert found.ec_level == "Q"


@pytest.mark.parametrize(("case", "statement"), [
    ("boleta/dni", "de la boleta de venta electrónica"),
    ("retention/one_payment", "del comprobante de retención electrónico"),
])
def test_other_kinds_print_too(shop: Tenancy, case: str, statement: str) -> None:
    shop.till("PATCH", "/V1/document_types/109", {"document_sequence_code": "R001", "last_sequence_number": 0})
    body = json.loads((FIXTURES / case / "request.json").read_text(encoding="utf-8"))
    body["header"]["issuer_tax_id_code"] = shop.ruc
    made = shop.till.issued(body)
    text = seen(pdf_of(shop, made["document_id"], format="80mm"), overlapping=False).text
    assert folded(f"Representación impresa {statement}") in text


def test_a_series_has_its_own_look_and_its_own_paper(shop: Tenancy, sale: dict[str, Any]) -> None:
    plain = pdf_of(shop, sale["document_id"])
    branded(shop, "F001", trade_name="Bodega Don Pepe", footer="Gracias, vuelva pronto", accent_color="#0B6E4F",
            template="banded", format="80mm")
    try:
        found = seen(pdf_of(shop, sale["document_id"]), overlapping=False)
        assert round(found.sizes[0][0], 1) == 226.8
        for text in ("Bodega Don Pepe", "Gracias, vuelva pronto"):
            assert folded(text) in found.text
        assert pdf_of(shop, sale["document_id"], format="a4") != plain
    finally:
        branded(shop, "F001", trade_name="", footer="", accent_color="", template="", format="")
    assert pdf_of(shop, sale["document_id"]) == plain
    wrong = shop.till("PUT", "/V1/company_branches/1", {"branding": {"template": "flamboyant"}})
    assert wrong.status_code == 400


@pytest.mark.parametrize(("status", "mark"), [
    ("rejected", "RECHAZADO"), ("lapsed", "SIN VALIDEZ"), ("voided", "DADO DE BAJA"),
])
def test_what_does_not_stand_is_marked(place: World, shop: Tenancy, status: str, mark: str) -> None:
    made = shop.till.issued(body_of(shop))
    path = [status] if status != "voided" else ["accepted", "voided"]
    with place.office.database.write() as session:
        if status == "voided":
            session.add(VoidingRecord(
                account_id=shop.account_id, document_id=made["document_id"], channel="communication", state="accepted",
                reason="Error en la venta", requested_at=place.clock.now(),
            ))
        for step in path:
            session.execute(
                update(DocumentRecord).where(DocumentRecord.id == made["document_id"]).values(status=step)
            )
    text = seen(pdf_of(shop, made["document_id"]), overlapping=False).text
    assert folded(mark) in text
    assert (folded("Motivo: Error en la venta") in text) == (status == "voided")


def test_unknown_formats_and_vouchers_are_told(place: World, shop: Tenancy, sale: dict[str, Any]) -> None:
    wrong = shop.till("GET", f"/V1/documents/{sale['document_id']}/pdf", params={"format": "letter"})
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["pointer"] == "/format"
    assert shop.till("GET", "/V1/documents/999999999/pdf").status_code == 404
    stranger = place.open()
    assert stranger.till("GET", f"/V1/documents/{sale['document_id']}/pdf").status_code == 404
    quote = shop.till.issued(body_of(shop, document_type_id=901, document_sequence_code=None))
    paper = shop.till("GET", f"/V1/documents/{quote['document_id']}/pdf")
    assert (paper.status_code, paper.json()["code"]) == (409, "NO_PRINTED_FORM")


def test_a_paper_that_cannot_be_set_is_a_failure_of_the_paper_alone(
    shop: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A standard that no paper of ours meets makes the typesetter fail."""
    made = shop.till.issued(body_of(shop, external_id="SIN-PAPEL"))
    monkeypatch.setattr(typesetting, "_STANDARD", "a-1a")
    answer = shop.till("GET", f"/V1/documents/{made['document_id']}/pdf", params={"format": "a5"})
    assert (answer.status_code, answer.json()["code"]) == (500, "NOT_PRINTED")
    told = shop.till("GET", f"/V1/documents/{made['document_id']}")
    assert (told.status_code, told.json()["electronic_document"]["document_pdf"]) == (200, None)
    issued = shop.till.issued(body_of(shop), pdf=1)
    assert issued["electronic_document"]["document_pdf"] is None


def test_a_logo_is_uploaded_named_shown_and_removed(shop: Tenancy, sale: dict[str, Any]) -> None:
    plain = pdf_of(shop, sale["document_id"])
    body = {"name": "hoja.svg", "content": b64encode(SVG.encode()).decode()}
    made = shop.till("POST", "/V1/logos", body)
    assert made.status_code == 201, made.text
    assert (made.json()["media_type"], made.json()["width"], made.json()["height"]) == ("image/svg+xml", 120, 60)
    assert shop.till("POST", "/V1/logos", body).json()["code"] == "LOGO_EXISTS"
    assert [row["name"] for row in shop.till("GET", "/V1/logos").json()["logos"]] == ["hoja.svg"]
    shown = shop.till("GET", "/V1/logos/hoja.svg")
    assert (shown.content.decode(), shown.headers["Content-Security-Policy"]) == (SVG, "sandbox")
    branded(shop, "F001", logo="hoja.svg")
    with_logo = pdf_of(shop, sale["document_id"])
    assert with_logo != plain
    assert seen(with_logo, overlapping=False).faults == ()
    assert shop.till("DELETE", "/V1/logos/hoja.svg").status_code == 204
    assert pdf_of(shop, sale["document_id"]) == plain
    branded(shop, "F001", logo="")
    assert shop.till("GET", "/V1/logos/hoja.svg").status_code == 404


def test_a_look_is_seen_before_it_is_stored(place: World, shop: Tenancy) -> None:
    def look(**body: Any) -> Any:
        return shop.till("POST", "/V1/branding/preview", body)

    plain = look()
    assert (plain.status_code, plain.headers["Content-Type"]) == (200, "image/png")
    assert plain.content.startswith(b"\x89PNG")
    assert look().content == plain.content
    (series,) = shop.till("GET", "/V1/series?code=F001").json()["series"]
    green = look(series=series["id"], branding={"accent_color": "#0B6E4F", "template": "banded"})
    narrow = look(branding={"format": "80mm"})
    assert len({plain.content, green.content, narrow.content}) == 3
    assert look(branding={"accent_color": "green"}).json()["errors"][0]["pointer"] == "/branding/accent_color"
    assert shop.till("GET", f"/V1/series/{series['id']}").json()["branding"]["own"] == series["branding"]["own"]
    assert place.open().till("POST", "/V1/branding/preview", {"series": "none"}).status_code == 404


def test_a_logo_of_another_account_is_nobodys(place: World, shop: Tenancy) -> None:
    body = {"name": "propio.png", "content": b64encode(raster()).decode()}
    assert shop.till("POST", "/V1/logos", body).status_code == 201
    stranger = place.open()
    assert stranger.till("GET", "/V1/logos/propio.png").status_code == 404
    assert stranger.till("DELETE", "/V1/logos/propio.png").status_code == 404
    assert stranger.till("POST", "/V1/logos", body).status_code == 201


@pytest.mark.parametrize(("changes", "status", "pointer"), [
    ({"content": b64encode(svg("<script/>")).decode()}, 422, "/content"),
    ({"content": "no es base64"}, 400, "/content"),
    ({"name": "../../etc/passwd"}, 400, "/name"), ({"name": "company_logo"}, 409, "/name"),
])
def test_bad_logos_are_told(shop: Tenancy, changes: dict[str, str], status: int, pointer: str) -> None:
    answer = shop.till("POST", "/V1/logos", {"name": "x.png", "content": b64encode(raster()).decode(), **changes})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


@pytest.mark.parametrize(("content", "shown"), [(raster(), True), (b"no es una imagen", False)])
def test_the_logo_an_account_was_opened_with(place: World, content: bytes, shown: bool) -> None:
    """One that is no picture was taken by the contract; papers go without."""
    made = place.open()
    document_id = made.till.issued(body_of(made))["document_id"]
    assert b"/Subtype/Image" not in pdf_of(made, document_id)
    with place.office.database.write() as session:
        account = session.get_one(AccountRecord, made.account_id)
        account.registration = {"registration_additional_data": {"company_logo": b64encode(content).decode()}}
    assert (b"/Subtype/Image" in pdf_of(made, document_id)) == shown
