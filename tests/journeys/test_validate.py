"""``POST /V1/validate`` over HTTP, the account that is strict, and the installation that has the XML schemas."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from app.config import BadSettings, Settings, read_schemas
from app.factory import app_of, build_office
from app.pretend import running
from sunat.schemas import Schemas
from sunat.transport.zipping import pack
from tests.sunat.rules.vouchers import Shape, build
from tests.support.sandbox import PATH
from tests.support.shared import shared_path
from tests.support.signing import fixed_signer
from tests.support.world import Tenancy, World, body_of, kind, world

__all__ = ["kind"]

NAME = "20123456786-01-F001-123"
SIGNED = fixed_signer().sign_xml(build(Shape())).xml
XML = {"Content-Type": "application/xml"}


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("validate"), delivers=False, max_import_bytes=200_000) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    return place.open()


def sent(shop: Tenancy, content: bytes, *, headers: dict[str, str] = XML, **query: Any) -> requests.Response:
    return shop.till("POST", "/V1/validate", data=content, headers=headers, params=query)


def codes(answer: requests.Response) -> dict[str, list[str]]:
    assert answer.status_code == 200, answer.text
    return {file["file"]: [one["code"] for one in file["findings"]] for file in answer.json()["files"]}


def test_a_raw_xml_of_anybody(place: World, shop: Tenancy) -> None:
    before = place.held()
    answer = sent(shop, SIGNED, name=f"{NAME}.xml")
    assert answer.json() == {"valid": True, "files": [
        {"file": f"{NAME}.xml", "kind": "01", "unjudged": None, "findings": [], "findings_not_shown": 0},
    ]}
    wrong = sent(shop, SIGNED.replace(b"<cbc:UBLVersionID>2.1", b"<cbc:UBLVersionID>2.0"), signed=False,
                 date="2026-11-24")
    assert wrong.json()["valid"] is False
    assert codes(wrong) == {"body.xml": ["2074", "2108"]}
    assert place.held() == before


def test_the_language_is_the_callers(shop: Tenancy) -> None:
    english = sent(shop, b"<Order/>", headers={**XML, "Accept-Language": "en"}).json()
    spanish = sent(shop, b"<Order/>").json()
    assert "it is no voucher" in english["files"][0]["unjudged"]
    assert "no es un comprobante" in spanish["files"][0]["unjudged"]
    assert (english["valid"], spanish["valid"]) == (False, False)


def test_zips_and_forms(shop: Tenancy) -> None:
    parcel = pack(NAME, SIGNED)
    assert codes(sent(shop, parcel, name=f"{NAME}.zip")) == {f"{NAME}.zip": []}
    assert codes(sent(shop, parcel)) == {f"body.zip!{NAME}.xml": []}
    form = shop.till("POST", "/V1/validate", files=[
        ("file", ("a.xml", SIGNED)), ("file", ("b.xml", b"<x")), ("file", (f"{NAME}.zip", b"")),
    ])
    assert codes(form) == {"a.xml": [], "b.xml": ["0306"], f"{NAME}.zip": ["0155"]}


def test_what_is_not_read(place: World, shop: Tenancy) -> None:
    assert sent(shop, b"").status_code == 400
    assert sent(shop, b"x" * 300_000).status_code == 413
    assert sent(shop, SIGNED, date="tomorrow").status_code == 400
    assert sent(shop, SIGNED, exchange_rate="0").status_code == 400
    assert sent(shop, SIGNED, exchange_rate="NaN").status_code == 400
    assert requests.post(f"{place.url}/V1/validate", data=SIGNED, timeout=10).status_code == 401
    poor = place.till(shop.account_id, scopes=("series:read",))
    assert poor("POST", "/V1/validate", data=SIGNED).status_code == 403
    many = shop.till("POST", "/V1/validate", files=[("file", (f"{each}.xml", b"<x")) for each in range(101)])
    assert many.status_code == 413


class TestStrict:
    """An account that refuses what SUNAT is turning into an error; the voucher comes as XML, whose totals are free."""

    def wrong(self) -> bytes:
        content = build(Shape(kind="03"))
        return content.replace(b">396.00</cbc:PayableAmount>", b">999.99</cbc:PayableAmount>")

    def test_the_setting_is_off_and_can_be_set(self, place: World) -> None:
        shop = place.open()
        content = self.wrong()
        lenient = sent(shop, content, signed=False)
        assert (codes(lenient), lenient.json()["valid"]) == ({"body.xml": ["4312"]}, True)
        finding = lenient.json()["files"][0]["findings"][0]
        assert (finding["turning"], finding["becomes"], finding["severity"]) == (True, "3514", "observation")
        account = shop.till("GET", f"/V1/accounts/{shop.account_id}").json()
        assert account["additional"]["pe_account"]["strict_observations"] is False
        changed = shop.till("PATCH", f"/V1/accounts/{shop.account_id}", {
            "additional": {"pe_account": {"strict_observations": True}},
        })
        assert changed.json()["additional"]["pe_account"]["strict_observations"] is True
        assert sent(shop, content, signed=False).json()["valid"] is False
        assert sent(shop, content, signed=False, strict=False).json()["valid"] is True


class TestSchemas:
    def test_issuing_and_validating_check_them_and_goldens_pass(self, place: World, shop: Tenancy) -> None:
        schemas = Schemas(shared_path("sunat", "xsd"))
        client = app_of(replace(place.office, schemas=schemas)).test_client()
        keyed = {"Authorization": f"Bearer {shop.till.credential}"}
        for name in ("invoice", "receipt_dni", "invoice_credit_terms", "invoice_export"):
            answer = client.post("/V1/documents?dry_run=1", json=body_of(shop, name), headers=keyed)
            assert answer.status_code == 200, answer.get_data()
        wrong = SIGNED.replace(b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID>", b"").replace(
            b"<cbc:CustomizationID>", b"<cbc:Surprise>1</cbc:Surprise><cbc:CustomizationID>")
        answer = client.post("/V1/validate?signed=false", data=wrong, headers={**keyed, **XML})
        assert [one["code"] for one in answer.json["files"][0]["findings"]] == ["0306", "2075"]

    def test_the_sandbox_checks_them(self, place: World) -> None:
        schemas = Schemas(shared_path("sunat", "xsd"))
        wrong = build(Shape()).replace(
            b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>2.0</cbc:CustomizationID>",
            b"<cbc:CustomizationID>2.0</cbc:CustomizationID><cbc:UBLVersionID>2.1</cbc:UBLVersionID>")
        zipped = b64encode(pack(NAME, fixed_signer().sign_xml(wrong).xml)).decode()
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><e:Header>'
            "<w:Security><w:UsernameToken><w:Username>20123456786MODDATOS</w:Username><w:Password>moddatos</w:Password>"
            '</w:UsernameToken></w:Security></e:Header><e:Body><s:sendBill xmlns:s="http://service.sunat.gob.pe">'
            f"<fileName>{NAME}.zip</fileName><contentFile>{zipped}</contentFile></s:sendBill></e:Body></e:Envelope>"
        )
        for given, fault in ((None, False), (schemas, True)):
            with running(place.clock, schemas=given) as pretend:
                answer = requests.post(f"{pretend.url}{PATH}", data=envelope, timeout=10)
            assert ("Client.0306" in answer.text) is fault, answer.text

    def test_a_folder_without_them_stops_the_start(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path, xsd_dir=tmp_path, master_key="0123456789abcdef0123456789abcdef")
        with pytest.raises(BadSettings, match=r"CHASQUI_XSD: There is no UBL-Invoice-2.1.xsd"):
            build_office(settings)
        assert read_schemas(Settings()) is None
