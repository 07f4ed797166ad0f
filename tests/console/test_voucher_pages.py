"""The pages of vouchers and of issuing by hand, without a browser: what they show, order, refuse, and keep to whom."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.accounts import certificates
from app.accounts.models import AccountRecord
from app.accounts.people_models import DeedRecord
from app.ledger.models import DeliveryRecord, DocumentRecord, VoidingRecord
from app.mail.models import MailRecord
from app.series.models import SeriesRecord
from tests.support.builders import Tenant
from tests.support.people import PASSWORD, Desk, House, desk_of, each_house, house
from tests.support.signing import fixed_certificate
from tests.support.stored import store_voucher

__all__ = ["each_house", "house"]

SALE = {
    "kind": "invoice", "issue_date": "2026-11-20", "currency": "PEN", "prices": "gross", "customer_type": "PE-RUC",
    "customer_number": "20987654326", "customer_name": "CLIENTE S.A.", "payment": "cash", "of": "", "purpose": "",
    "lines.0.description": "CAFÉ ORGÁNICO", "lines.0.quantity": "2", "lines.0.unit": "NIU", "lines.0.price": "59.00",
    "lines.0.tax": "igv",
}


def signs(house: House, account_id: int | None = None) -> None:
    with house.office.database.write() as session:
        account = session.get_one(AccountRecord, account_id or house.account_id)
        certificates.add(session, house.office.vault, account, fixed_certificate(), now=house.clock.now())


@pytest.fixture
def shop(house: House) -> House:
    """A house that signs."""
    signs(house)
    return house


def issued(desk: Desk, **more: str) -> int:
    """Issues `SALE` with changes, and gives its id."""
    answer = desk.post("/console/issue", {**SALE, "_do": "issue", **more})
    assert answer.status_code == 303, html.unescape(re.sub("<[^>]+>", " ", answer.text))
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def row_of(house: House, document_id: int) -> DocumentRecord:
    with house.office.database.read() as session:
        return session.get_one(DocumentRecord, document_id)


def stand(house: House, document_id: int, status: str, state: str = "done", **delivery: Any) -> None:
    """Puts a voucher where a verdict would have put it."""
    with house.office.database.write() as session:
        mine = DeliveryRecord.document_id == document_id
        session.execute(update(DeliveryRecord).where(mine).values(state="sending"))
        session.execute(update(DeliveryRecord).where(mine).values(state=state, **delivery))
        if status != "issued":
            session.execute(update(DocumentRecord).where(DocumentRecord.id == document_id).values(status=status))


def plain(page: str) -> str:
    """What a page says."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def values(page: str) -> dict[str, str]:
    """What the fields of a form hold."""
    found = {}
    for tag in re.findall(r"<input[^>]+>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="radio"' not in tag:
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside) or re.search(r'<option value="([^"]*)"', inside)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def test_a_factura_is_issued_by_hand(each_house: House) -> None:
    signs(each_house)
    desk = each_house.desk("issuer")
    document_id = issued(desk, **{
        "lines.1.description": "LIBRO", "lines.1.quantity": "1", "lines.1.price": "40", "lines.1.tax": "exempt",
        "remark": "Gracias",
    })
    row = row_of(each_house, document_id)
    assert (row.full_number, row.total, row.taxes, row.actor[:7]) == ("F001-1", 15800, 1800, "person:")
    page = desk.get(f"/console/vouchers/{document_id}").text
    told = plain(page)
    for said in ("F001-1", "En cola", "CLIENTE S.A.", "S/ 158.00", "Emitido y firmado por Rosa Issuer", "CAFÉ"):
        assert said in told, said
    found = plain(desk.get("/console/vouchers?text=cliente").text)
    assert "F001-1" in found
    assert "Ningún comprobante coincide" in plain(desk.get("/console/vouchers?text=nadie").text)


def test_a_form_that_comes_twice_issues_once(shop: House) -> None:
    desk = shop.desk()
    key = "0123456789abcdef0123456789abcdef"
    first, second = issued(desk, _key=key), issued(desk, _key=key)
    assert first == second
    with shop.office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(DocumentRecord)) == 1


def test_a_form_gone_back_to_and_changed_is_another_sale(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk, _key="0123456789abcdef0123456789abcdef")
    changed = {**SALE, "lines.0.price": "70", "_key": "0123456789abcdef0123456789abcdef", "_do": "issue"}
    answer = desk.post("/console/issue", changed)
    assert answer.status_code == 422
    assert "Si es otra venta, emita otra vez" in plain(answer.text)
    given = values(answer.text)
    assert given["_key"] != changed["_key"]
    assert issued(desk, **{**given, "payment": "cash"}) != first


def test_findings_stand_beside_their_fields_and_nothing_is_lost(shop: House) -> None:
    desk = shop.desk()
    wrong = {**SALE, "customer_number": "20987654325", "lines.0.price": "mucho", "remark": "Guárdame", "_do": "issue"}
    answer = desk.post("/console/issue", wrong)
    assert answer.status_code == 400
    assert re.search(r'id="f-lines-0-price-wrong"><p>[^<]*número', answer.text)
    assert values(answer.text)["lines.0.price"] == "mucho"
    assert "Guárdame" in answer.text
    answer = desk.post("/console/issue", {**wrong, "lines.0.price": "59"})
    assert answer.status_code == 422
    assert 'id="f-customer_number-wrong"' in answer.text
    assert "dígito verificador" in plain(answer.text.partition('id="f-customer_number-wrong"')[2][:300])
    assert values(answer.text)["customer_number"] == "20987654325"
    with shop.office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(DocumentRecord)) == 0


def test_the_form_works_without_the_script(shop: House) -> None:
    desk = shop.desk()
    issued(desk)
    page = desk.post("/console/issue", {**SALE, "_do": "add"}).text
    assert values(page)["lines.1.quantity"] == "1"
    assert 'data-focus-on="f-lines-1-description"' in page
    more = {**SALE, "lines.1.description": "PAN", "lines.1.quantity": "1", "lines.1.price": "5", "lines.1.tax": "igv"}
    page = desk.post("/console/issue", {**more, "_do": "remove.0"}).text
    assert values(page)["lines.0.description"] == "PAN"
    assert "lines.1.description" not in values(page)
    looked = plain(desk.post("/console/issue", {**SALE, "_do": "look"}).text)
    assert "S/ 118.00" in looked
    assert "S/ 18.00" in looked
    assert "F001-2" in looked
    page = desk.post("/console/issue", {**SALE, "customer_name": "", "_do": "name"}).text
    assert values(page)["customer_name"] == "CLIENTE S.A."
    page = desk.post("/console/issue", {**SALE, "_do": "term"}).text
    assert "instalments.0.date" in values(page)
    page = desk.post("/console/issue", {**SALE, "kind": "boleta", "customer_type": "", "_do": "kind"}).text
    assert "Emitir boleta" in page
    assert "Sin identificar" in page


def test_looking_at_a_form_leaves_no_trail(shop: House) -> None:
    desk = shop.desk()
    told = desk.post("/console/issue/live", {**SALE, "customer_number": "2098765432"}, form_at="/console/issue")
    assert 'data-beside="f-customer_number"' in told.text
    assert "S/ 118.00" in plain(told.text.partition('data-put="line-0-total"')[2])
    told = desk.post("/console/issue/live", dict(SALE), form_at="/console/issue")
    assert "S/ 118.00" in plain(told.text)
    with shop.office.database.read() as session:
        actions = set(session.scalars(select(DeedRecord.action)))
        assert "POST /documents" not in actions
    issued(desk)
    with shop.office.database.read() as session:
        assert "POST /documents" in set(session.scalars(select(DeedRecord.action)))


def test_a_credit_note_begins_with_the_lines_of_its_factura(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk, **{"lines.0.discount": "10"})
    page = desk.get(f"/console/issue?of={first}&purpose=credit_note")
    assert "S/ 106.20" in plain(page.text)
    given = values(page.text)
    shown = [given[name] for name in ("target", "lines.0.description", "lines.0.discount")]
    assert shown == ["F001-1", "CAFÉ ORGÁNICO", "10"]
    note = issued(desk, **{**given, "reason": "01", "reason_text": "Anulación", "payment": "cash"})
    row = row_of(shop, note)
    assert (row.full_number, row.sunat_code, row.target_document_id, row.total) == ("FC01-1", "07", first, 10620)
    assert "FC01-1" in plain(desk.get(f"/console/vouchers/{first}").text)


def test_another_like_it_is_a_fresh_one(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk, kind="boleta", customer_type="", customer_number="41234567", customer_name="ROSA QUISPE")
    assert row_of(shop, first).receiver_code == "1"
    given = values(desk.get(f"/console/issue?of={first}&purpose=copy").text)
    assert given["customer_type"] == "PE-DNI"
    row = row_of(shop, issued(desk, **{**given, "payment": "cash"}))
    assert (row.full_number, row.total, row.receiver_name, row.replaces_id) == ("B001-2", 11800, "ROSA QUISPE", None)


def test_a_rejected_one_is_replaced_with_its_data(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk)
    assert f"of={first}&amp;purpose=replace" not in desk.get(f"/console/vouchers/{first}").text
    stand(shop, first, "rejected")
    assert f"of={first}&amp;purpose=replace" in desk.get(f"/console/vouchers/{first}").text
    given = values(desk.get(f"/console/issue?of={first}&purpose=replace").text)
    second = issued(desk, **{**given, "payment": "cash", "lines.0.price": "60"})
    row = row_of(shop, second)
    assert (row.replaces_id, row.full_number, row.total) == (first, "F001-2", 12000)
    assert "Ya tiene reemplazo" in plain(desk.get(f"/console/vouchers/{first}").text)


def test_one_that_sunat_does_not_hold_is_corrected_under_its_number(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk)
    stand(shop, first, "issued", "held", phase="absent", reason="content")
    given = values(desk.get(f"/console/issue?of={first}&purpose=correct").text)
    again = issued(desk, **{**given, "payment": "cash", "customer_name": "CLIENTE CORREGIDO S.A."})
    row = row_of(shop, again)
    assert (again, row.edition, row.receiver_name, row.number) == (first, 2, "CLIENTE CORREGIDO S.A.", 1)


def test_voiding_asks_first_and_tells_the_term(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk)
    stand(shop, first, "accepted")
    address = f"/console/vouchers/{first}/void"
    assert "hasta el 27/11/2026: quedan 7 días" in plain(desk.get(address).text)
    short = desk.post(address, {"reason": "x"})
    assert short.status_code == 422
    assert 'id="f-reason-wrong"' in short.text
    answer = desk.post(address, {"reason": "Error en el cliente"})
    assert answer.status_code == 303
    page = plain(desk.get(f"/console/vouchers/{first}").text)
    assert "Baja pedida" in page
    assert "Error en el cliente" in page
    assert "Baja pedida" in plain(desk.get("/console/vouchers?state=voiding").text)
    assert "<form method=\"post\" action=\"" + address not in desk.get(address).text
    with shop.office.database.read() as session:
        assert session.scalars(select(VoidingRecord.reason)).all() == ["Error en el cliente"]


def test_orders_about_the_delivery(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk)
    address = f"/console/vouchers/{first}"
    for deed in ("retry", "reconcile"):
        assert desk.post(f"{address}/orders/{deed}", form_at=address).status_code == 303
    told = plain(desk.get(address).text)
    assert "Se pidió enviar ahora" in told
    assert "Se pidió preguntar a SUNAT" in told
    refused = desk.post(f"{address}/orders/release", form_at=address)
    assert refused.status_code == 409
    assert "El envío no está detenido" in plain(refused.text)
    assert desk.post(f"{address}/orders/delete", form_at=address).status_code == 404


def test_files_are_given_and_shown(shop: House) -> None:
    desk = shop.desk("viewer")
    first = issued(desk_of(shop.app, shop.office, shop.account_id, shop.ruc, "owner"))
    xml = desk.get(f"/console/vouchers/{first}/files/xml")
    assert xml.data.startswith(b"<?xml")
    assert xml.headers["Content-Disposition"].startswith("attachment")
    pdf = desk.get(f"/console/vouchers/{first}/files/pdf?shown=1&paper=80mm")
    assert pdf.data.startswith(b"%PDF")
    assert pdf.headers["Content-Disposition"].startswith("inline")
    assert "frame-ancestors 'self'" in pdf.headers["Content-Security-Policy"]
    assert desk.get(f"/console/vouchers/{first}/files/cdr").status_code == 404
    assert desk.get(f"/console/vouchers/{first}/files/exe").status_code == 404
    assert desk.get(f"/console/vouchers/{first}/files/pdf?paper=a0").status_code in (400, 422)
    page = desk.get(f"/console/vouchers/{first}").text
    assert "Dar de baja" not in page
    assert "Enviar ahora" not in page


def test_what_has_no_paper_says_so_in_its_frame(each_house: House) -> None:
    """Guides have none before their CDR; kinds without prices, lines or a request of ours have a page all the same."""
    owner = Tenant(
        account_id=each_house.account_id, branch_id=1, ruc=each_house.ruc, environment="sandbox",
    )
    with each_house.office.database.write() as session:
        head = session.scalars(select(SeriesRecord).where(SeriesRecord.code == "F001")).one()
        session.add(SeriesRecord(
            account_id=head.account_id, branch_id=head.branch_id, environment=head.environment, ruc=head.ruc,
            sunat_code="09", code="T001", created_at=head.created_at, updated_at=head.created_at,
        ))
    day = each_house.clock.today()
    made = store_voucher(
        each_house.office.database, owner, each_house.clock.now(), day, series="T001", stem="guide"
    ).document_id
    desk = each_house.desk()
    page = desk.get(f"/console/vouchers/{made}")
    assert page.status_code == 200
    assert "T001-1" in plain(desk.get("/console/vouchers").text)
    framed = desk.get(f"/console/vouchers/{made}/files/pdf?shown=1")
    assert "QR de una guía" in plain(framed.text)
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
    assert desk.get(f"/console/vouchers/{made}/files/pdf").status_code == 409
    stand(each_house, made, "accepted")
    address = f"/console/vouchers/{made}/portal"
    answer = desk.post(address, {"voided_on": day.isoformat(), "reason": "Error", "reference": ""})
    assert answer.status_code == 422
    assert 'id="f-reference-wrong"' in answer.text
    answer = desk.post(address, {"voided_on": day.isoformat(), "reason": "Error", "reference": "0123"})
    assert answer.status_code == 303
    assert row_of(each_house, made).status == "voided"


def test_a_voucher_is_mailed_where_there_is_a_server(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk, customer_email="cliente@example.com")
    stand(shop, first, "accepted")
    assert "Enviar por correo" not in desk.get(f"/console/vouchers/{first}").text
    page = desk.get(f"/console/vouchers/{first}/mail").text
    assert values(page)["to"] == "cliente@example.com"
    refused = desk.post(f"/console/vouchers/{first}/mail", {"to": "otro@example.com"})
    assert refused.status_code >= 400
    assert values(refused.text)["to"] == "otro@example.com"
    with shop.office.database.write() as session:
        session.add(MailRecord(
            account_id=shop.account_id, document_id=first, address="cliente@example.com", message_id="<1@x>",
            state="sent", next_at=shop.clock.now(), expires_at=shop.clock.now(), created_at=shop.clock.now(),
            sent_at=shop.clock.now(),
        ))
    assert "Enviado por correo cliente@example.com" in plain(desk.get(f"/console/vouchers/{first}").text)


def test_what_is_anothers_is_not_there(shop: House) -> None:
    branch = shop.branch("Norte", "0001")
    mine = issued(shop.desk())
    bound = shop.desk("issuer", username="norte", branches=[branch])
    other = shop.account("20600000005")
    stranger = desk_of(shop.app, shop.office, other, "20600000005")
    for desk in (bound, stranger):
        assert "F001-1" not in desk.get("/console/vouchers").text
        for path in (
            f"/console/vouchers/{mine}", f"/console/vouchers/{mine}?part=1", f"/console/vouchers/{mine}/void",
            f"/console/vouchers/{mine}/files/xml", f"/console/vouchers/{mine}/portal", f"/console/vouchers/{mine}/mail",
            f"/console/issue?of={mine}&purpose=copy", f"/console/issue?of={mine}&purpose=credit_note",
        ):
            assert desk.get(path).status_code == 404, path
        assert desk.post(
            f"/console/vouchers/{mine}/orders/retry", form_at="/console/issue"
        ).status_code == 404
        voiding = desk.post(f"/console/vouchers/{mine}/void", {"reason": "ERROR"}, form_at="/console/issue")
        assert voiding.status_code == 404
    assert shop.desk("owner", username="second").get(f"/console/issue?of={mine}&purpose=steal").status_code == 404


def test_parts_are_fragments(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk)
    for path in (f"/console/vouchers/{first}?part=1", "/console/vouchers?part=1"):
        part = desk.get(path).text
        assert "<html" not in part
        assert "F001-1" in plain(desk.get(f"/console/vouchers/{first}").text)
    assert 'data-refresh="/console/vouchers/' in desk.get(f"/console/vouchers/{first}").text
    assert "text=cliente" in desk.get("/console/vouchers?text=cliente").text


def test_what_was_typed_comes_back_after_signing_in_again(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk)
    given = values(desk.get(f"/console/issue?of={first}&purpose=credit_note").text)
    shop.clock.advance(timedelta(minutes=40))
    answer = desk.client.post("/console/issue", data={**given, "reason_text": "Recuérdame", "_do": "issue"})
    assert "kept=1" in answer.headers["Location"]
    desk.sign_in(shop.ruc, "owner", PASSWORD)
    page = desk.get("/console/issue").text
    assert values(page)["reason_text"] == "Recuérdame"
    assert (values(page)["of"], values(page)["target"]) == (str(first), "F001-1")
    assert "Su sesión había vencido" in page


def test_the_series_is_asked_for_where_there_are_several(shop: House) -> None:
    desk = shop.desk()
    assert 'name="series"' not in desk.get("/console/issue").text
    with shop.office.database.write() as session:
        head = session.scalars(select(SeriesRecord).where(SeriesRecord.code == "F001")).one()
        session.add(SeriesRecord(
            account_id=head.account_id, branch_id=head.branch_id, environment=head.environment, ruc=head.ruc,
            sunat_code="01", code="F002", created_at=head.created_at, updated_at=head.created_at,
        ))
    assert 'name="series"' in desk.get("/console/issue").text
    assert row_of(shop, issued(desk, series="F002")).full_number == "F002-1"


def test_english_pages(shop: House) -> None:
    desk = shop.desk()
    first = issued(desk)
    desk.get("/console/language/en")
    one = f"/console/vouchers/{first}"
    for path in ("/console/vouchers", one, "/console/issue", f"{one}/void"):
        page = desk.get(path)
        assert page.status_code == 200
        assert 'lang="en"' in page.text
        assert "Comprobante" not in plain(page.text).replace("Comprobantes electr", "")
