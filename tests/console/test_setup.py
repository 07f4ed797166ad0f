"""Set-up at the console: write-only secrets, keys shown once, certificates, branches, webhooks, mail, the doctor."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest

from app.accounts.models import AccountRecord, ApiKeyRecord
from app.accounts.operations import secret_of
from tests.support.builders import OTHER_RUC
from tests.support.people import Desk, House, house
from tests.support.world import certificate_of

__all__ = ["house"]

PAGES = (
    "", "/issuer", "/credentials", "/branches", "/branches/new", "/certificates", "/keys", "/webhooks", "/mail",
    "/doctor",
)


@pytest.fixture
def desk(house: House) -> Desk:
    return house.desk()


def account(house: House) -> AccountRecord:
    with house.office.database.read() as session:
        return session.get_one(AccountRecord, house.account_id)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_of_the_set_up_opens_in_both_languages(house: House, desk: Desk, language: str) -> None:
    desk.get(f"/console/language/{language}")
    for tail in PAGES:
        answer = desk.get(f"/console/setup{tail}")
        assert answer.status_code == 200, tail
        assert f'lang="{language}"' in answer.text


def test_the_issuers_data_are_changed_and_wrong_ones_are_told(house: House, desk: Desk) -> None:
    fields = {
        "legal_name": "NUEVA RAZÓN S.A.C.", "trade_name": "LA TIENDA", "contact_name": "", "contact_phone": "",
        "admin_email": "no es correo", "tax_regime": "mype", "boleta_channel": "summary", "anonymous_customer": "dash",
        "duplicate_guard_minutes": "5", "strict_observations": "1", "detraction_account": "",
    }
    wrong = desk.post("/console/setup/issuer", fields)
    assert wrong.status_code == 422
    assert 'id="f-admin_email-wrong"' in wrong.text
    assert 'value="NUEVA RAZÓN S.A.C."' in wrong.text
    assert desk.post("/console/setup/issuer", {**fields, "admin_email": "a@example.com"}).status_code == 303
    row = account(house)
    assert (row.legal_name, row.tax_regime, row.boleta_channel, row.strict_observations, row.reduced_igv) == (
        "NUEVA RAZÓN S.A.C.", "mype", "summary", True, False
    )


def test_secrets_are_written_never_shown_and_stay_where_none_is_typed(house: House, desk: Desk) -> None:
    path = "/console/setup/credentials"
    fields = {"channel": "sunat", "ose_url": "", "pse_tax_id_code": "", "sol_user": "CHASQUI1",
              "sol_password": " secreto con espacios ", "gre_client_id": "", "consult_client_id": ""}
    assert desk.post(path, fields).status_code == 303
    assert secret_of(house.office.vault, account(house), "sol_password") == " secreto con espacios "
    shown = desk.get(path).text
    assert "secreto" not in shown
    assert "Guardada; vacía queda igual" in shown
    assert desk.post(path, {**fields, "sol_user": "CHASQUI2", "sol_password": ""}).status_code == 303
    assert secret_of(house.office.vault, account(house), "sol_password") == " secreto con espacios "
    assert account(house).sol_user == "CHASQUI2"
    wrong = desk.post(path, {**fields, "channel": "pse", "pse_tax_id_code": "20123456787"})
    assert 'id="f-pse_tax_id_code-wrong"' in wrong.text
    assert "secreto" not in wrong.text
    assert desk.post(path, {**fields, "sol_password": "", "forget_sol_password": "1"}).status_code == 303
    assert secret_of(house.office.vault, account(house), "sol_password") is None


def test_a_certificate_is_uploaded_listed_with_its_days_and_removed(house: House, desk: Desk) -> None:
    path = "/console/setup/certificates"
    assert "Sin certificado" in desk.get(path).text
    assert 'id="f-file-wrong"' in desk.post(path, {"name": ""}).text
    bad = desk.post(path, {"file": (BytesIO(b"no es un certificado"), "x.pfx")})
    assert 'id="f-file-wrong"' in bad.text
    foreign = desk.post(path, {"file": (BytesIO(certificate_of(OTHER_RUC).pem_with_key()), "x.pem")})
    assert "ni de su PSE" in foreign.text
    good = {"file": (BytesIO(certificate_of(house.ruc).pem_with_key()), "x.pem"), "name": "principal"}
    assert desk.post(path, good).status_code == 303
    shown = desk.get(path).text
    assert re.search(r"quedan [0-9]+ días", shown)
    remove = re.search(r'href="(/console/setup/certificates/cert_[0-9a-f]+/remove)"', shown)
    assert remove is not None
    assert "es el que firma" in desk.get(remove[1]).text
    assert desk.post(remove[1]).status_code == 303
    assert "Sin certificado" in desk.get(path).text


def test_a_keys_text_is_shown_once(house: House, desk: Desk) -> None:
    path = "/console/setup/keys"
    fields = {"name": "Caja 1", "scope": ["documents:read", "documents:write"], "_key": "b" * 32}
    made = desk.post(path, fields).text
    found = re.search(r'<code id="shown">(chq_test_[A-Za-z0-9_-]{43})</code>', made)
    assert found is not None
    assert found[1] in desk.post(path, fields).text, "a double click makes one key and shows it"
    with house.office.database.read() as session:
        rows = session.query(ApiKeyRecord).filter_by(name="Caja 1").all()
        assert [row.scopes for row in rows] == ["documents:read documents:write"]
        key_id = rows[0].id
    listed = desk.get(path).text
    assert found[1] not in listed
    assert found[1][:15] in listed
    assert "deja de servir" in desk.get(f"{path}/{key_id}/revoke").text
    assert desk.post(f"{path}/{key_id}/revoke").status_code == 303
    assert "Caja 1" not in desk.get(path).text
    assert "Elija un permiso" in desk.post(path, {"name": "Caja 2"}).text


def test_branches_are_added_changed_and_removed(house: House, desk: Desk) -> None:
    fields = {"name": "Tienda 2", "establishment_code": "0002", "address": "JR. UNIÓN 5", "ubigeo": "150101"}
    assert 'id="f-establishment_code-wrong"' in desk.post(
        "/console/setup/branches/new", {**fields, "establishment_code": "2"}
    ).text
    assert desk.post("/console/setup/branches/new", fields).status_code == 303
    listed = desk.get("/console/setup/branches").text
    (number,) = re.findall(r'href="/console/setup/branches/([0-9]+)">Tienda 2', listed)
    path = f"/console/setup/branches/{number}"
    assert desk.post(path, {**fields, "name": "Tienda Dos", "company_branch_internal_code": "T2"}).status_code == 303
    assert "Tienda Dos" in desk.get("/console/setup/branches").text
    assert desk.post(f"{path}/remove").status_code == 303
    assert "Tienda Dos" not in desk.get("/console/setup/branches").text
    head = desk.post("/console/setup/branches/1/remove")
    assert (head.status_code, "domicilio fiscal no se elimina" in head.text) == (422, True)


def test_webhooks_are_subscribed_tried_out_and_ended(house: House, desk: Desk) -> None:
    path = "/console/setup/webhooks"
    assert 'id="f-callback_url-wrong"' in desk.post(path, {"callback_url": "https://127.0.0.1/"}).text
    made = desk.post(path, {"callback_url": "https://example.com/aviso", "event_id": "DOCUMENT.STATUSUPDATE"}).text
    secret = re.search(r'<code id="shown">(whsec_[^<]+)</code>', made)
    assert secret is not None
    shown = desk.get(path).text
    assert secret[1] not in shown
    (one,) = re.findall(r'href="(/console/setup/webhooks/[0-9]+)"', shown)
    assert desk.post(f"{one}/test", form_at=one).headers["Location"].endswith("done=test")
    page = desk.get(f"{one}?done=test").text
    assert "La prueba va en camino" in page
    assert "webhook.test" in desk.get(f"{one}/log").text
    rotated = desk.post(f"{one}/secret", form_at=one).text
    assert re.search(r'<code id="shown">whsec_', rotated)
    assert "ya no" not in desk.get(f"{one}/remove").text
    assert desk.post(f"{one}/remove").status_code == 303
    assert desk.get(one).status_code == 404


def test_mail_is_switched_on_with_what_it_says(house: House, desk: Desk) -> None:
    path = "/console/setup/mail"
    fields = {"enabled": "1", "reply_to": "ventas@example.com", "subject": "{tipo} {numero}", "footer": "Gracias"}
    assert 'id="f-reply_to-wrong"' in desk.post(path, {**fields, "reply_to": "no"}).text
    assert desk.post(path, fields).status_code == 303
    wishes: dict[str, Any] = account(house).mail or {}
    assert (wishes["enabled"], wishes["footer"]) == (True, "Gracias")
    assert "1 cuentas quieren correo y no hay servidor" in desk.get("/console/setup/doctor").text


def test_nothing_of_another_account_is_shown_by_the_doctor(house: House, desk: Desk) -> None:
    house.account(OTHER_RUC)
    shown = desk.get("/console/setup/doctor").text
    assert "La cuenta no tiene certificado" in shown
    assert OTHER_RUC not in shown


def test_an_owner_who_looks_at_one_branch_still_sets_up_the_account(house: House, desk: Desk) -> None:
    house.branch("Tienda", "2")
    assert desk.post("/console/branch", {"branch": "2"}, form_at="/console/setup").status_code == 303
    for tail in PAGES:
        assert desk.get(f"/console/setup{tail}").status_code == 200, tail
