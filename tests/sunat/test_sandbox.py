"""The pretend authority: other people's clients, every check in its order, and a record that survives."""

from __future__ import annotations

import hashlib
import http.client
import io
import socket
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from zeep import Client
from zeep.wsse.username import UsernameToken

from sunat import xml
from sunat.cdr import Cdr, Outcome, read_cdr
from sunat.errors import Fault
from sunat.numbering import VoucherId
from sunat.sandbox import Call, Entry, Ledger, Remark, Sandbox, State, Submission, Wire
from sunat.sandbox.desk import MESSAGES
from sunat.sandbox.envelope import read_request
from sunat.signing import Signer
from sunat.transport.faults import fault_code
from sunat.transport.zipping import pack, unpack_cdr
from tests.sunat.rules.vouchers import Shape, build
from tests.support.sandbox import NOW, PATH, authority, new_sandbox, running
from tests.support.signing import FIXTURES, RUC, fixed_certificate, fixed_signer, invoice

NAME = f"{RUC}-01-F001-1"
SIGNED = fixed_signer().sign(invoice()).xml
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"


def php_body(file_name: str, zipped: bytes, user: str = f"{RUC}MODDATOS", key: str = "moddatos") -> bytes:
    """As PHP's SoapClient writes it: its prefixes, everything on one line, the token without a type."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV='
        '"http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://service.sunat.gob.pe" '
        f'xmlns:ns2="{WSSE}"><SOAP-ENV:Header><ns2:Security SOAP-ENV:mustUnderstand="1"><ns2:UsernameToken>'
        f"<ns2:Username>{escape(user)}</ns2:Username><ns2:Password>{escape(key)}</ns2:Password></ns2:UsernameToken>"
        f"</ns2:Security></SOAP-ENV:Header><SOAP-ENV:Body><ns1:sendBill><fileName>{escape(file_name)}</fileName>"
        f"<contentFile>{b64encode(zipped).decode()}</contentFile></ns1:sendBill></SOAP-ENV:Body>"
        "</SOAP-ENV:Envelope>\n"
    ).encode()


def java_body(file_name: str, zipped: bytes) -> bytes:
    """As Java's CXF writes it: default namespace games, ids, line-wrapped base64, an optional part."""
    wrapped = "\n".join(b64encode(zipped).decode()[i:i + 76] for i in range(0, len(zipped) * 2, 76))
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">\n  <soap:Header>\n'
        f'    <wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" soap:mustUnderstand="1">'
        f'<wsse:UsernameToken wsu:Id="UsernameToken-1"><wsse:Username>{RUC}MODDATOS</wsse:Username>'
        f'<wsse:Password Type="{TEXT}">MODDATOS</wsse:Password></wsse:UsernameToken></wsse:Security>\n'
        '  </soap:Header>\n  <soap:Body>\n    <ns2:sendBill xmlns:ns2="http://service.sunat.gob.pe">\n'
        f"      <fileName>{file_name}</fileName>\n      <contentFile>{wrapped}</contentFile>\n"
        "      <partyType></partyType>\n    </ns2:sendBill>\n  </soap:Body>\n</soap:Envelope>"
    ).encode()


def cdr_in(body: bytes, name: str = NAME) -> Cdr:
    element = next(xml.parse(body).iter("applicationResponse"))
    zipped = b64decode(element.text or "")
    voucher = name.split("-", 2)[2]
    return read_cdr(unpack_cdr(zipped, name), voucher_file_name=name, ruc=name[:11], voucher_text=voucher)


def fault_in(response: requests.Response) -> str:
    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith("text/xml")
    root = xml.parse(response.content)
    return fault_code(next(root.iter("faultcode")).text or "", next(root.iter("faultstring")).text or "")


@pytest.fixture
def base() -> Iterator[str]:
    with running(new_sandbox()) as address:
        yield address


def post(base: str, body: bytes, path: str = PATH) -> requests.Response:
    return requests.post(base + path, data=body, headers={"Content-Type": "text/xml", "SOAPAction": '""'}, timeout=10)


# --- anybody's client --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PATH, "/ol-ti-itcpfegem/billService", PATH + "/"])
@pytest.mark.parametrize("write", [php_body, java_body])
def test_other_peoples_clients(base: str, path: str, write: Callable[[str, bytes], bytes]) -> None:
    response = post(base, write(f"{NAME}.zip", pack(NAME, SIGNED)), path)
    assert response.status_code == 200
    cdr = cdr_in(response.content)
    assert (cdr.outcome, cdr.signature, cdr.receiver) == (Outcome.ACCEPTED, "valid", "6-20987654326")
    assert cdr.signed_by == authority().fingerprint
    assert cdr.received_at == NOW


def test_a_client_made_from_the_served_wsdl(base: str) -> None:
    client = Client(f"{base}{PATH}?wsdl", wsse=UsernameToken(f"{RUC}MODDATOS", "moddatos"))
    zipped = client.service.sendBill(f"{NAME}.zip", pack(NAME, SIGNED))
    assert f"R-{NAME}.xml" in zipfile.ZipFile(io.BytesIO(zipped)).namelist()


def test_the_wsdl_names_the_host_it_was_asked_at(base: str) -> None:
    answer = requests.get(f"{base}{PATH}?WSDL", headers={"Host": "sunat.test:99"}, timeout=5)
    assert f'location="http://sunat.test:99{PATH}"' in answer.text
    hostile = requests.get(f"{base}{PATH}?wsdl", headers={"Host": 'a"><b'}, timeout=5)
    assert 'location="http://127.0.0.1:' in hostile.text
    xml.parse(hostile.content)


def test_a_chunked_body_as_java_sends_it(base: str) -> None:
    body = java_body(f"{NAME}.zip", pack(NAME, SIGNED))
    response = requests.post(base + PATH, data=iter([body[:100], body[100:2000], body[2000:]]), timeout=10)
    assert cdr_in(response.content).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(("kind", "series", "words"), [
    ("01", "F001", "La Factura numero F001-1, ha sido aceptada"),
    ("03", "B001", "La Boleta numero B001-1, ha sido aceptada"),
    ("07", "FC01", "La Nota de Credito numero FC01-1, ha sido aceptada"),
    ("08", "FD01", "La Nota de Debito numero FD01-1, ha sido aceptada"),
])
def test_an_acceptance_reads_as_sunats_do(base: str, kind: str, series: str, words: str) -> None:
    raw = build(Shape(kind=kind, series=series, number="1"))
    name = f"{RUC}-{kind}-{series}-1"
    cdr = cdr_in(post(base, php_body(f"{name}.zip", pack(name, fixed_signer().sign(raw).xml))).content, name)
    assert cdr.description == words


# --- checks in their order ---------------------------------------------------------------------------------


def entry(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


OTHER_KIND = SIGNED.replace(b'<cbc:InvoiceTypeCode listID="0101">01<', b'<cbc:InvoiceTypeCode listID="0101">03<')
EXTERNAL = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><Invoice>&e;</Invoice>'
LAUGHS = (b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
          b"<Invoice>&c;</Invoice>")
HIDDEN = SIGNED.replace(b"20123456786</cbc:ID>", b"2012345<!-- -->6786</cbc:ID>", 1)


@pytest.mark.parametrize(("name", "zipped", "code"), [
    pytest.param("", pack(NAME, SIGNED), "0151", id="no name"),
    pytest.param(NAME, pack(NAME, SIGNED), "0151", id="no extension"),
    pytest.param(f"{RUC}-RC-20261120-1.zip", pack(NAME, SIGNED), "0151", id="summary by sendBill"),
    pytest.param(f"{RUC}-20-R001-1.zip", pack(NAME, SIGNED), "0151", id="retention at this service"),
    pytest.param("20987654326-01-F001-1.zip", pack(NAME, SIGNED), "0154", id="another's file"),
    pytest.param(f"{NAME}.zip", b"", "0155", id="empty zip"),
    pytest.param(f"{NAME}.zip", b"rubbish", "0156", id="no zip"),
    pytest.param(f"{NAME}.zip", entry("x/", b""), "0157", id="nothing in it"),
    pytest.param(f"{NAME}.zip", entry("x.xml", b"<a/>"), "0159", id="wrong xml name"),
    pytest.param(f"{NAME}.zip", entry(f"{NAME}.xml", b""), "0160", id="empty xml"),
    pytest.param(f"{NAME}.zip", pack(f"{RUC}-01-F001-2", SIGNED), "0161", id="names differ"),
    pytest.param(f"{NAME}.zip", pack(NAME, b"not xml"), "0306", id="not xml"),
    pytest.param(f"{NAME}.zip", pack(NAME, b"<Invoice/>"), "0306", id="no voucher"),
    pytest.param(f"{NAME}.zip", pack(NAME, EXTERNAL), "0306", id="external entity"),
    pytest.param(f"{NAME}.zip", pack(NAME, LAUGHS), "0306", id="entity bomb"),
    pytest.param(f"{NAME}.zip", pack(NAME, b"<a>" * 5000), "0306", id="deep"),
    pytest.param(f"{NAME}.zip", pack(NAME, OTHER_KIND), "1003", id="other kind"),
    pytest.param(f"{RUC}-07-F001-1.zip", pack(f"{RUC}-07-F001-1", SIGNED), "1003", id="invoice sent as note"),
    pytest.param(f"{NAME}.zip", pack(NAME, fixed_signer().sign(invoice(ruc="20987654326")).xml), "1034", id="ruc"),
    pytest.param(f"{NAME}.zip", pack(NAME, fixed_signer().sign(invoice(series="F002")).xml), "1035", id="series"),
    pytest.param(f"{NAME}.zip", pack(NAME, fixed_signer().sign(invoice(number=2)).xml), "1036", id="number"),
    pytest.param(f"{NAME}.zip", pack(NAME, invoice()), "2085", id="not signed"),
    pytest.param(f"{NAME}.zip", pack(NAME, SIGNED.replace(b"SOLES", b"soles")), "2335", id="altered"),
])
def test_exceptions_register_nothing(name: str, zipped: bytes, code: str) -> None:
    ledger = Ledger()
    with running(new_sandbox(ledger)) as address:
        assert fault_in(post(address, php_body(name, zipped))) == code
    assert ledger.count() == 0


def test_a_comment_cannot_smuggle_half_a_ruc(base: str) -> None:
    """Canonicalisation drops the comment, so the signature holds; the value is read whole all the same."""
    response = post(base, php_body(f"{NAME}.zip", pack(NAME, HIDDEN)))
    assert cdr_in(response.content).issuer_ruc == RUC


@pytest.mark.parametrize(("user", "key", "code"), [
    ("", "", "0102"), (f"{RUC}MODDATOS", "", "0102"), ("MODDATOS", "moddatos", "0103"),
    (f"{RUC}NADIE", "moddatos", "0103"), (f"{RUC}{RUC}MODDATOS", "moddatos", "0103"),
    (f"{RUC}MODDATOS", "Moddatos", "0104"), (f"{RUC}USUARIO1", "moddatos", "0104"),
])
def test_who_may_not_enter(user: str, key: str, code: str) -> None:
    with running(new_sandbox(users={f"{RUC}USUARIO1": "clave"})) as address:
        assert fault_in(post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED), user, key))) == code


def test_no_security_header(base: str) -> None:
    bare = (b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            b'<sendBill xmlns="http://service.sunat.gob.pe"/></e:Body></e:Envelope>')
    assert fault_in(post(base, bare)) == "0101"


def test_a_registered_provider_may_send_for_others() -> None:
    body = php_body(f"{NAME}.zip", pack(NAME, SIGNED), "20987654326PSEUSER1", "clave")
    users = {"20987654326PSEUSER1": "clave"}
    with running(new_sandbox(users=users)) as address:
        assert fault_in(post(address, body)) == "0154"
    with running(new_sandbox(users=users, providers=["20987654326"])) as address:
        assert post(address, body).status_code == 200


def test_sha1_and_any_certificate_are_taken_as_in_beta(base: str) -> None:
    signed = Signer(fixed_certificate(), "rsa-sha1").sign(invoice()).xml
    assert post(base, php_body(f"{NAME}.zip", pack(NAME, signed))).status_code == 200
    foreign = Signer(authority()).sign(invoice(number=2)).xml
    name = f"{RUC}-01-F001-2"
    assert post(base, php_body(f"{name}.zip", pack(name, foreign))).status_code == 200


# --- judgement and record ----------------------------------------------------------------------------------


def judged(*remarks: Remark) -> Callable[[Submission], Sequence[Remark]]:
    return lambda _: remarks


def test_the_judge_sees_the_voucher() -> None:
    seen: list[Submission] = []

    def judge(submission: Submission) -> Sequence[Remark]:
        seen.append(submission)
        return ()

    with running(new_sandbox(judge=judge)) as address:
        post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED)))
    assert seen[0].voucher == VoucherId(ruc=RUC, type_code="01", series="F001", number=1)
    assert seen[0].content == SIGNED
    assert seen[0].file_name == NAME
    assert seen[0].received_at.isoformat() == "2026-11-20T10:30:00-05:00"
    assert xml.text(seen[0].root, "cbc:ID") == "F001-1"


def test_observations_ride_along() -> None:
    judge = judged(Remark(code="4252", text="uno <&>", severe=False), Remark(code="CHQ-1", text="own", severe=True),
                   Remark(code="4290", text="dos", severe=True), Remark(code="3496", text="tres", severe=False))
    with running(new_sandbox(judge=judge)) as address:
        cdr = cdr_in(post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED))).content)
    assert cdr.outcome is Outcome.OBSERVED
    assert [code for code, _ in cdr.observations] == ["4252", "4290", "3496"]


def test_a_rejection_is_a_cdr_and_takes_the_number() -> None:
    ledger = Ledger()
    judge = judged(Remark(code="4252", text="obs", severe=False), Remark(code="2800", text="no", severe=True))
    with running(new_sandbox(ledger, judge=judge)) as address:
        cdr = cdr_in(post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED))).content)
        again = post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED)))
    assert (cdr.code, cdr.outcome, cdr.description) == ("2800", Outcome.REJECTED, "no")
    assert fault_in(again) == "1032"
    assert [one.state for one in ledger] == [State.REJECTED]


def test_an_exception_of_the_rules_leaves_the_number_free() -> None:
    ledger = Ledger()
    with running(new_sandbox(ledger, judge=judged(Remark(code="1001", text="id", severe=True)))) as address:
        assert fault_in(post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED)))) == "1001"
    assert ledger.count() == 0


def test_seen_numbers_however_they_are_padded() -> None:
    ledger = Ledger()
    with running(new_sandbox(ledger)) as address:
        assert post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED))).status_code == 200
        padded = f"{RUC}-01-F001-00000001"
        assert fault_in(post(address, php_body(f"{padded}.zip", pack(padded, SIGNED)))) == "1033"
        voucher = VoucherId(ruc=RUC, type_code="01", series="F001", number=1)
        assert ledger.void(voucher)
        assert not ledger.void(voucher)
        assert fault_in(post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED)))) == "1032"


def test_the_same_number_sent_by_many_at_once_is_registered_once() -> None:
    ledger = Ledger()
    body = php_body(f"{NAME}.zip", pack(NAME, SIGNED))
    with running(new_sandbox(ledger)) as address, ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: post(address, body).status_code, range(16)))
    assert statuses.count(200) == 1
    assert statuses.count(500) == 15
    assert ledger.count() == 1


def test_the_record_survives_a_restart(tmp_path: Path) -> None:
    for expected in (200, 500):
        with Ledger(tmp_path / "sandbox.sqlite") as ledger, running(new_sandbox(ledger)) as address:
            assert post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED))).status_code == expected
    with Ledger(tmp_path / "sandbox.sqlite") as ledger:
        (kept,) = ledger
    assert kept.sha256 == hashlib.sha256(SIGNED).hexdigest()
    assert kept.received_at == NOW
    assert unpack_cdr(kept.cdr, NAME)


def test_vouchers_can_be_put_on_record_by_hand() -> None:
    ledger = Ledger()
    known = Entry(voucher=VoucherId(ruc=RUC, type_code="01", series="F001", number=1), state=State.ACCEPTED,
                  sha256="", received_at=NOW)
    assert ledger.add(known)
    assert not ledger.add(known)
    assert ledger.get(known.voucher) == known


# --- what is no call ---------------------------------------------------------------------------------------


def test_other_operations(base: str) -> None:
    call = php_body("x", b"").replace
    ticket = call(b"<ns1:sendBill><fileName>x</fileName><contentFile></contentFile></ns1:sendBill>",
                  b"<ns1:getStatus><ticket>1</ticket></ns1:getStatus>")
    assert fault_in(post(base, ticket)) == "0127"
    assert fault_in(post(base, call(b"sendBill", b"sendSummary"))) == "0151"
    for operation in (b"sendPack", b"getStatusCdr", b"x"):
        answer = post(base, call(b"sendBill", operation))
        assert fault_in(answer) == ""
        assert b"faultstring" in answer.content


@pytest.mark.parametrize("body", [b"", b"x", b"<a/>", EXTERNAL, LAUGHS, php_body("a", b"")[:300],
                                  php_body("a", b"").replace(b"service.sunat.gob.pe", b"other")])
def test_what_is_no_soap(base: str, body: bytes) -> None:
    assert fault_in(post(base, body)) == ""


def test_content_that_is_not_base64(base: str) -> None:
    body = php_body(f"{NAME}.zip", b"").replace(b"<contentFile>", b"<contentFile>%%%")
    assert fault_in(post(base, body)) == "0305"


def test_methods_and_paths(base: str) -> None:
    assert requests.get(base + PATH, timeout=5).status_code == 405
    assert requests.put(base + PATH, data=b"x", timeout=5).headers["Allow"] == "GET, POST"
    assert requests.get(base + "/", timeout=5).status_code == 404
    assert requests.post(base + "/other", data=b"x", timeout=5).status_code == 404


def test_a_body_beyond_the_limit() -> None:
    with running(new_sandbox(max_body=1000)) as address:
        assert post(address, b"x" * 5000).status_code == 413
        assert requests.post(address + PATH, data=iter([b"x" * 5000]), timeout=10).status_code == 413


def test_a_length_that_is_no_number(base: str) -> None:
    place = urlsplit(base)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=5)
    connection.putrequest("POST", PATH)
    connection.putheader("Content-Length", "-5")
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_rubbish_on_the_wire_does_not_stop_the_server(base: str) -> None:
    place = urlsplit(base)
    half = b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n"
    for rubbish in (b"\r\n", b"x" * 70_000 + b"\r\n\r\n", b"GET\r\n\r\n", half):
        with socket.create_connection((str(place.hostname), place.port or 0), 5) as connection:
            connection.sendall(rubbish)
    assert post(base, php_body(f"{NAME}.zip", pack(NAME, SIGNED))).status_code == 200


def test_faults_are_escaped() -> None:
    judge = judged(Remark(code="1001", text="<b>&\"'</b>", severe=True))
    with running(new_sandbox(judge=judge)) as address:
        answer = post(address, php_body(f"{NAME}.zip", pack(NAME, SIGNED)))
    assert next(xml.parse(answer.content).iter("faultstring")).text == "<b>&\"'</b>"


def test_every_code_the_desk_uses_has_words() -> None:
    source = (FIXTURES.parent / "sunat" / "sandbox" / "desk.py").read_text("utf-8")
    used = {piece[:4] for piece in source.split('refusal("')[1:]} | {piece[:4] for piece in source.split('code="')[1:]}
    assert {code for code in used if code.isdigit()} <= set(MESSAGES)


GOOD = php_body(f"{NAME}.zip", b"zip")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=6), st.integers(0, 40))
def test_damaged_envelopes_are_faults(place: int, junk: bytes, gone: int) -> None:
    try:
        operation = read_request(GOOD[:place] + junk + GOOD[place + gone:]).operation
    except Fault as fault:
        operation = fault.text
    assert operation


def test_it_is_an_object_that_needs_no_server() -> None:
    sandbox: Sandbox = new_sandbox()
    outcome = sandbox.answer(Call(method="POST", path=PATH, body=php_body(f"{NAME}.zip", pack(NAME, SIGNED))))
    assert (outcome.status, outcome.wire, outcome.mode) == (200, Wire.WHOLE, "")
    assert outcome.header("date") == "Fri, 20 Nov 2026 15:30:00 GMT"
    assert cdr_in(outcome.body).outcome is Outcome.ACCEPTED
