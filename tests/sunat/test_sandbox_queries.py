"""The pretend authority asked: the CDR query, the validity query, the integrated query, in three dialects."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from zeep import Client
from zeep.wsse.username import UsernameToken

from sunat import xml
from sunat.errors import Fault
from sunat.numbering import VoucherId
from sunat.sandbox import Call, Entry, Ledger, Line, Remark, State
from sunat.sandbox.dialects import BETA
from sunat.transport.consult import ConsultService, Criteria, ValidityService
from sunat.transport.rest import SCOPE, ConsultClient, RestConsult, Tokens
from tests.sunat.rules.vouchers import Shape, build
from tests.support.asking import (
    CONSULT,
    LIVE,
    NAME,
    OSE,
    REST,
    SIGNED,
    TOKEN,
    VALIDITY,
    Place,
    cdr_of,
    envelope,
    refused,
    said,
    sending,
)
from tests.support.sandbox import MODDATOS, NOW, PATH, running
from tests.support.shared import shared_path
from tests.support.signing import RUC, fixed_signer

VOUCHER = VoucherId(ruc=RUC, type_code="01", series="F001", number=1)
BOLETA = f"{RUC}-03-B001-1"


@pytest.fixture
def place() -> Place:
    return Place()


def registered(name: str, *, state: State = State.ACCEPTED, cdr: bytes = b"") -> Entry:
    ruc, kind, series, number = name.split("-")
    return Entry(
        voucher=VoucherId(ruc=ruc, type_code=kind, series=series, number=int(number)), state=state,
        sha256=sha256(SIGNED).hexdigest(), received_at=NOW, cdr=cdr, issue_date=date(2026, 11, 20),
        total=Decimal("118.00"), customer="6-20987654326",
    )


# --- billConsultService ------------------------------------------------------------------------------------


def test_a_state_and_its_cdr(place: Place) -> None:
    assert said(place.consult("getStatus"))[0] == "0011"
    assert said(place.consult("getStatusCdr"))[0] == "0011"
    sent = place.send()
    assert said(place.consult("getStatus")) == ("0001", "El comprobante existe y está aceptado")
    found = place.consult("getStatusCdr", NAME, numeroComprobante="00000001")
    assert said(found)[0] == "0004"
    assert cdr_of(found).raw_xml == cdr_of(sent).raw_xml


@pytest.mark.parametrize(("state", "code"), [
    (State.ACCEPTED, "0001"), (State.REJECTED, "0002"), (State.VOIDED, "0003"),
])
def test_a_state_without_a_cdr(place: Place, state: State, code: str) -> None:
    """What was put on record by hand has no CDR: being accepted and having the CDR are two things."""
    place.ledger.add(registered(NAME, state=state))
    assert said(place.consult("getStatus"))[0] == code
    answer = place.consult("getStatusCdr")
    assert said(answer)[0] == code
    assert b"<content>" not in answer.body


@pytest.mark.parametrize(("parts", "status", "cdr"), [
    ({"rucComprobante": "2012345678"}, "0004", "0008"), ({"rucComprobante": "20123456780"}, "0008", "0008"),
    ({"tipoComprobante": "1"}, "0005", "0005"), ({"serieComprobante": "F1"}, "0006", "0006"),
    ({"numeroComprobante": "0"}, "0007", "0007"), ({"numeroComprobante": "x"}, "0007", "0007"),
    ({"numeroComprobante": "9" * 25}, "0007", "0007"),
    ({"tipoComprobante": "03", "serieComprobante": "B001"}, "0009", "0009"),
    ({"serieComprobante": "E001"}, "0010", "0010"), ({"numeroComprobante": "123456789"}, "0011", "0011"),
])
def test_questions_that_make_no_sense(parts: dict[str, str], status: str, cdr: str) -> None:
    """getStatusCdr never says 0004 for a malformed RUC: there it means that the CDR comes along."""
    place = Place(providers=[RUC])
    assert said(place.consult("getStatus", **parts))[0] == status
    assert said(place.consult("getStatusCdr", **parts))[0] == cdr


def test_strangers_are_told_nothing(place: Place) -> None:
    place.send()
    ours = {"rucComprobante": RUC, "tipoComprobante": "01", "serieComprobante": "F001", "numeroComprobante": "1"}
    theirs = envelope("getStatusCdr", ours, user="20987654326MODDATOS")
    assert said(place.ask(CONSULT, theirs))[0] == "0012"
    assert refused(place.ask(CONSULT, envelope("getStatus", ours, key="x"))) == "0104"
    assert refused(place.ask(CONSULT, envelope("sendBill", ours))) == ""


def test_every_question_is_in_the_journal(place: Place) -> None:
    place.send()
    place.consult("getStatus")
    calls = place.ledger.receptions(VOUCHER)
    assert [(one.operation, one.status, one.mode) for one in calls] == [("sendBill", 200, ""), ("getStatus", 200, "")]
    assert [one.sha256 for one in calls] == [sha256(SIGNED).hexdigest(), ""]
    assert place.ledger.receptions(last=1) == calls[1:]


# --- billValidService --------------------------------------------------------------------------------------


def criteria(**more: str) -> dict[str, str]:
    return {
        "rucEmisor": RUC, "tipoCDP": "01", "serieCDP": "F001", "numeroCDP": "1", "tipoDocIdReceptor": "6",
        "numeroDocIdReceptor": "20987654326", "fechaEmision": "20/11/2026", "importeTotal": "118.0",
        "nroAutorizacion": "", **more,
    }


@pytest.mark.parametrize(("parts", "code"), [
    ({}, "0001"), ({"importeTotal": "118"}, "0001"), ({"importeTotal": "118.01"}, "0011"),
    ({"fechaEmision": "21/11/2026"}, "0011"), ({"fechaEmision": "2026-11-20"}, "0011"), ({"importeTotal": ""}, "0011"),
    ({"numeroDocIdReceptor": "20100070970"}, "0011"), ({"numeroDocIdReceptor": "", "tipoDocIdReceptor": ""}, "0001"),
    ({"numeroCDP": "2"}, "0011"), ({"rucEmisor": "1"}, "0004"), ({"serieCDP": "F0001"}, "0006"),
])
def test_vouchers_by_their_criteria(place: Place, parts: dict[str, str], code: str) -> None:
    place.ledger.add(registered(NAME))
    assert said(place.ask(VALIDITY, envelope("validaCDPcriterios", criteria(**parts))))[0] == code


def test_the_receiver_may_ask_too(place: Place) -> None:
    place.ledger.add(registered(NAME))
    for user, code in (("20987654326MODDATOS", "0001"), ("20100070970MODDATOS", "0012")):
        assert said(place.ask(VALIDITY, envelope("validaCDPcriterios", criteria(), user=user)))[0] == code


def test_a_file_is_held_against_the_one_on_record(place: Place) -> None:
    def check(name: str, content: bytes) -> tuple[str, str]:
        parts = {"nombre": name, "archivo": b64encode(content).decode("ascii")}
        return said(place.ask(VALIDITY, envelope("verificaCPEarchivo", parts)))

    assert check(f"{NAME}.xml", SIGNED)[0] == "0011"
    place.send()
    assert check(f"{NAME}.xml", SIGNED)[0] == "0001"
    assert check(NAME, SIGNED + b"\n") == ("0011", "El archivo no es el que se informó con ese número")
    assert check("x.xml", SIGNED)[0] == "0006"


# --- the integrated query ----------------------------------------------------------------------------------


def form(**more: str) -> bytes:
    return urlencode({
        "grant_type": "client_credentials", "scope": SCOPE, "client_id": "prueba-1", "client_secret": "moddatos",
        **more,
    }).encode()


def question(**more: object) -> bytes:
    return json.dumps({
        "numRuc": RUC, "codComp": "03", "numeroSerie": "B001", "numero": "1", "fechaEmision": "20/11/2026",
        "monto": "118.00", **more,
    }).encode()


def bearer(place: Place) -> str:
    return f"Bearer {json.loads(place.ask(TOKEN, form()).body)['access_token']}"


@pytest.mark.parametrize(("more", "status", "error"), [
    ({"grant_type": "password"}, 400, "unsupported_grant_type"), ({"scope": "x"}, 400, "invalid_scope"),
    ({"client_secret": "x"}, 401, "invalid_client"), ({"client_id": "other"}, 401, "invalid_client"),
])
def test_no_token_without_credentials(place: Place, more: dict[str, str], status: int, error: str) -> None:
    answer = place.ask(TOKEN, form(**more))
    assert (answer.status, json.loads(answer.body)["error"]) == (status, error)


@pytest.mark.parametrize(("state", "more", "found"), [
    (State.ACCEPTED, {}, "1"), (State.VOIDED, {}, "2"), (State.REJECTED, {}, "0"),
    (State.ACCEPTED, {"monto": 118.0}, "1"), (State.ACCEPTED, {"monto": "118.01"}, "0"),
    (State.ACCEPTED, {"fechaEmision": "19/11/2026"}, "0"), (State.ACCEPTED, {"numero": "2"}, "0"),
    (State.ACCEPTED, {"numero": 1}, "1"), (State.ACCEPTED, {"numero": "uno"}, "0"),
])
def test_boletas_by_date_and_amount(place: Place, state: State, more: dict[str, object], found: str) -> None:
    place.ledger.add(registered(BOLETA, state=state))
    answer = place.ask(REST, question(**more), authorization=bearer(place))
    body = json.loads(answer.body)
    assert (answer.status, body["success"], body["data"]["estadoCp"]) == (200, True, found)
    differs = found == "0" and bool(more.keys() & {"monto", "fechaEmision"})
    assert bool(body["data"]["observaciones"]) == differs


def test_tokens_end(place: Place) -> None:
    token = bearer(place)
    assert place.ask(REST, question(), authorization=token).status == 200
    place.later(seconds=3600)
    assert place.ask(REST, question(), authorization=token).status == 401
    assert place.ask(REST, question(), authorization="Basic x").status == 401
    assert place.ask(REST, question()).status == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"{}", json.dumps({"numRuc": {}}).encode()])
def test_questions_that_are_none(place: Place, body: bytes) -> None:
    assert place.ask(REST, body, authorization=bearer(place)).status == 422


def test_clients_that_are_registered() -> None:
    place = Place(clients={"prueba-1": "secreta"})
    assert place.ask(TOKEN, form()).status == 401
    assert place.ask(TOKEN, form(client_secret="secreta")).status == 200


# --- our own clients, end to end ---------------------------------------------------------------------------


def test_our_clients_and_this_authority_understand_each_other(place: Place) -> None:
    exchange = Line(place.sandbox, sleep=lambda seconds: place.later(seconds=seconds)).post
    base = "http://sunat.test"
    signed = fixed_signer().sign(build(Shape(kind="01", series="F001", number="1"))).xml
    place.send(NAME, signed)
    place.ledger.add(registered(BOLETA))
    consult = ConsultService(base + CONSULT, exchange=exchange)
    assert consult.status(VOUCHER, MODDATOS).code == "0001"
    found = consult.status_cdr(VOUCHER, MODDATOS)
    entry = place.ledger.get(VOUCHER)
    assert entry is not None
    assert (found.code, found.content) == ("0004", entry.cdr)
    assert entry.total is not None
    assert entry.issue_date is not None
    kind, _, number = entry.customer.partition("-")
    facts = Criteria(receiver_code=kind, receiver_number=number, issue_date=entry.issue_date, total=entry.total)
    validity = ValidityService(base + VALIDITY, exchange=exchange)
    assert validity.by_criteria(VOUCHER, facts, MODDATOS).code == "0001"
    assert validity.by_file(VOUCHER, signed, MODDATOS).code == "0001"
    assert validity.by_file(VOUCHER, signed + b" ", MODDATOS).code == "0011"
    rest = RestConsult(
        f"{base}/v1/clientesextranet", f"{base}/v1/contribuyente/contribuyentes", exchange=exchange, tokens=Tokens()
    )
    client = ConsultClient(client_id="prueba-1", client_secret="moddatos")
    boleta = VoucherId(ruc=RUC, type_code="03", series="B001", number=1)
    seen = Criteria(receiver_code="6", receiver_number="20987654326", issue_date=date(2026, 11, 20),
                    total=Decimal("118.00"))
    assert rest.check(boleta, seen, client, caller_ruc=RUC, now=NOW).code == "1"
    wrong = ConsultClient(client_id="prueba-1", client_secret="x")
    with pytest.raises(Fault):
        rest.check(boleta, seen, wrong, caller_ruc=RUC, now=NOW)


# --- contracts and other people's clients ------------------------------------------------------------------


def test_clients_made_from_the_served_contracts() -> None:
    place = Place()
    place.send()
    with running(place.sandbox) as base:
        token = UsernameToken(f"{RUC}MODDATOS", "moddatos")
        consult = Client(f"{base}{CONSULT}?wsdl", wsse=token)
        assert consult.service.getStatus(RUC, "01", "F001", 1).statusCode == "0001"
        assert consult.service.getStatusCdr(RUC, "01", "F001", 1).content[:2] == b"PK"
        validity = Client(f"{base}{VALIDITY}?wsdl", wsse=token)
        answer = validity.service.verificaCPEarchivo(f"{NAME}.xml", b64encode(SIGNED).decode())
        assert answer.statusCode == "0001"
        ose = Client(f"{base}{OSE}?wsdl", wsse=token)
        assert ose.service.getStatusCdr(RUC, "01", "F001", 1).statusCode == "0004"
        assert requests.get(f"{base}{TOKEN}?wsdl", timeout=5).status_code == 405


@pytest.mark.parametrize(("path", "contract"), [
    (PATH, "billService"), (CONSULT, "billConsultService"), (VALIDITY, "billValidService"),
])
def test_the_contracts_are_sunats(path: str, contract: str) -> None:
    """Services, ports, operations and types are called what generated clients call them."""
    published = Client(str(shared_path("sunat/wsdl") / f"{contract}.wsdl"))
    with running(Place().sandbox) as base:
        served = Client(f"{base}{path}?wsdl")
    for name, service in published.wsdl.services.items():
        ours = served.wsdl.services[name]
        for port_name, port in ours.ports.items():
            theirs = service.ports[port_name]
            assert port.binding.name.localname == theirs.binding.name.localname
            assert {one: str(operation.input.signature()) for one, operation in port.binding._operations.items()} == {
                one: str(operation.input.signature()) for one, operation in theirs.binding._operations.items()
            }
            assert {one: operation.soapaction for one, operation in port.binding._operations.items()} == {
                one: operation.soapaction for one, operation in theirs.binding._operations.items()
            }


def test_every_part_of_a_contract_names_the_host_it_was_asked_at() -> None:
    place = Place()
    for query, words in (
        ("wsdl", 'location="http://sunat.test:99/ol-it-wsconscpegem/billConsultService?ns1.wsdl"'),
        ("singleWsdl", "<soap:address"), ("ns1.wsdl", 'schemaLocation="http://sunat.test:99'),
        ("xsd2.xsd", "rucComprobante"), ("wsdl=billConsultService.ns1.wsdl", "portType"), ("xsd=1", "rucComprobante"),
    ):
        answer = place.sandbox.answer(Call(method="GET", path=CONSULT, query=query, host="http://sunat.test:99"))
        assert answer.status == 200
        assert words in answer.body.decode()
        xml.parse(answer.body)


def test_clients_wrap_and_prefix_as_they_like(place: Place) -> None:
    place.send()
    parts = {"rucComprobante": f" {RUC} ", "tipoComprobante": "01", "serieComprobante": "F001",
             "numeroComprobante": "1"}
    for prefix in ("ns2", "tem"):
        assert said(place.ask(CONSULT + "/", envelope("getStatus", parts, prefix=prefix)))[0] == "0001"
    assert said(place.ask(OSE, envelope("getStatusCdr", parts, wrapper="statusCdr")))[0] == "0004"


# --- dialects ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["2335", "3280", "3462", "3267"])
def test_beta_throws_where_production_rejects(code: str) -> None:
    """The same voucher: at beta the number is free afterwards, in production it is spent."""
    altered = SIGNED.replace(b"SOLES", b"soles") if code == "2335" else SIGNED
    place = Place(judge=lambda _: () if code == "2335" else (Remark(code=code, text="no", severe=True),))
    assert refused(place.send(NAME, altered)) == code
    assert place.ledger.count() == 0
    assert cdr_of(place.send(NAME, altered, path=LIVE)).code == code
    assert [entry.state for entry in place.ledger] == [State.REJECTED]
    assert refused(place.send(NAME, altered, path=LIVE)) == "1032"


def test_an_ose_answers_in_its_own_way(place: Place) -> None:
    remarks = Place(judge=lambda _: (Remark(code="4252", text="uno <&>", severe=False),))
    cdr = cdr_of(remarks.send(path=OSE))
    assert (cdr.code, cdr.reference, cdr.observations) == ("0", "F001-00000001", (("4252", "uno <&>"),))
    assert cdr.signature == "valid"
    digest = b64encode(sha256(SIGNED).digest())
    assert b"<cbc:DocumentHash>" + digest in cdr.raw_xml
    assert b"<cbc:UBLVersionID>2.1" in cdr.raw_xml
    wrong = place.ask(OSE, sending().replace(b"moddatos", b"x"))
    assert refused(wrong) == "0104"
    assert b"<faultcode>a:Client.0104</faultcode>" in wrong.body
    place.ledger.add(registered(BOLETA))
    assert said(place.consult("getStatusCdr", BOLETA, path=OSE))[0] == "0001"


# --- the record --------------------------------------------------------------------------------------------


def test_a_record_of_an_earlier_sandbox_is_read(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.execute(
            "CREATE TABLE voucher (id INTEGER PRIMARY KEY AUTOINCREMENT, ruc TEXT NOT NULL, type_code TEXT NOT NULL,"
            " series TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, sha256 TEXT NOT NULL,"
            " received_at TEXT NOT NULL, cdr BLOB NOT NULL, UNIQUE (ruc, type_code, series, number))"
        )
        old.execute("INSERT INTO voucher VALUES (1, ?, '01', 'F001', 1, 'accepted', '', ?, x'')",
                    (RUC, NOW.isoformat()))
    old.close()
    with Ledger(tmp_path / "old.db") as ledger:
        (kept,) = ledger
        assert (kept.voucher, kept.issue_date, kept.total, kept.customer) == (VOUCHER, None, None, "")
        assert ledger.add(registered(BOLETA))
    with Ledger(tmp_path / "old.db") as ledger:
        assert [one.total for one in ledger] == [None, Decimal("118.00")]


def test_what_the_record_keeps_of_a_voucher(place: Place) -> None:
    for kind, series, total in (("01", "F001", "LegalMonetaryTotal"), ("08", "FD01", "RequestedMonetaryTotal")):
        signed = fixed_signer().sign(build(Shape(kind=kind, series=series, number="1"))).xml
        place.send(f"{RUC}-{kind}-{series}-1", signed)
        kept = list(place.ledger)[-1]
        root = xml.parse(signed)
        assert kept.issue_date is not None
        assert kept.issue_date.isoformat() == xml.text(root, "cbc:IssueDate")
        assert str(kept.total) == xml.text(root, f"cac:{total}/cbc:PayableAmount")


def test_a_cdr_can_be_written_without_registering(place: Place) -> None:
    zipped = place.sandbox.desk.certify(registered(NAME), dialect=BETA, file_name=NAME)
    assert zipped[:2] == b"PK"
    assert place.ledger.count() == 0
