"""The accounts room over the wire: opening, tokens, lockout, keys, branches, certificates; nobody sees another's."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.accounts import certificates, operations
from app.accounts.models import AccountRecord, ApiKeyRecord, ApiUserRecord, CertificateRecord, LoginFailureRecord
from app.clock import FixedClock
from app.db import Database
from app.http import Office
from app.problems import Unauthorized
from sunat.signing import Certificate, self_signed
from tests.support.builders import OTHER_RUC, RUC
from tests.support.web import Caller, account, app_on, key_for, office_on, operator

REQUEST = {
    "country_id": 83, "contact_name": "CONTACTO DE PRUEBA", "contact_phone": "+51999999999",
    "admin_email": "admin@example.com", "admin_password": "una clave larga",
    "registration_legal_name_company": "EMPRESA EMISORA S.A.C.", "registration_tax_id_code": RUC,
    "registration_tax_id_type": "PE-RUC", "registration_company_size": 1,
    "registration_company_industry_sector": "1", "registration_type_use": 1, "registration_terms_of_use": 1,
    "registration_additional_data": {"company_logo": "<base64 PNG>"},
    "additional": {"pe_account": {"sol_user": "MODDATOS", "sol_password": "canario-sol", "tax_regime": "mype"}},
}


@pytest.fixture
def services(database: Database, clock: FixedClock) -> Office:
    return office_on(database, clock)


@pytest.fixture
def client(services: Office) -> Iterator[FlaskClient]:
    with app_on(services).test_client() as made:
        yield made


@pytest.fixture
def boss(services: Office, client: FlaskClient) -> Caller:
    return Caller(client=client, credential=operator(services))


@pytest.fixture
def certificate(clock: FixedClock) -> Certificate:
    return self_signed(RUC, "EMPRESA EMISORA S.A.C.", now=clock.now(), days=365)


def caller(client: FlaskClient, credential: str) -> Caller:
    return Caller(client=client, credential=credential)


def test_an_operator_opens_an_account(services: Office, boss: Caller, client: FlaskClient) -> None:
    answer = boss("POST", "/V1/accounts", REQUEST)
    assert answer.status_code == 201, answer.text
    mine = caller(client, answer.json["api_key"])
    read = mine("GET", f"/V1/accounts/{answer.json['account_id']}").json
    created = read["account_created"]
    assert (created["registration_tax_id_code"], created["company_logo"]) == (RUC, "<base64 PNG>")
    assert (created["registration_company_size"], created["certification_status"]) == (1, 0)
    pe = read["additional"]["pe_account"]
    assert (pe["environment"], pe["tax_regime"], pe["sol_user"], pe["sol_password_set"]) == (
        "sandbox", "mype", "MODDATOS", True
    )
    branches = mine("GET", "/V1/company_branches").json
    assert branches["company_branches"][0]["is_headquarters"] == 1
    assert branches["company_branches"][0]["document_sequence_codes"] == [
        "B001", "BC01", "BD01", "F001", "FC01", "FD01"
    ]
    assert branches["_embedded"]["company_branches"] == branches["company_branches"]
    with services.database.read() as session:
        row = session.get_one(AccountRecord, read["account_id"])
        assert operations.secret_of(services.vault, row, "sol_password") == "canario-sol"
        assert operations.secret_of(services.vault, row, "gre_client_secret") is None


def test_no_secret_is_in_the_database_in_clear(services: Office, boss: Caller, certificate: Certificate) -> None:
    made = boss("POST", "/V1/accounts", {**REQUEST, "registration_additional_data": {
        "certificate_file": pfx(certificate, b"canario-pfx"), "certificate_password": "canario-pfx",
    }}).json
    secrets = [made["api_key"], made["api_user"]["client_secret"], boss.credential or "", "canario", "una clave larga",
               "PRIVATE KEY"]
    with services.database.read() as session:
        assert session.scalars(select(CertificateRecord.active)).all() == [True]
        for table in ("accounts", "api_keys", "api_users", "certificates", "login_failures"):
            for row in session.execute(text(f"SELECT * FROM {table}")):
                stored = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row)
                assert not any(secret in stored for secret in secrets), table


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"registration_tax_id_code": "20123456785"}, 422, "CHQ-RUC", "/registration_tax_id_code"),
        ({"registration_tax_id_code": "1"}, 422, "CHQ-RUC", "/registration_tax_id_code"),
        ({"registration_tax_id_code": None}, 400, "VALIDATION_ERROR", "/registration_tax_id_code"),
        ({"registration_tax_id_type": "CL-RUT"}, 400, "VALIDATION_ERROR", "/registration_tax_id_type"),
        ({"country_id": 80}, 400, "VALIDATION_ERROR", "/country_id"),
        ({"admin_email": None}, 400, "VALIDATION_ERROR", "/admin_email"),
        ({"admin_password": "corta"}, 400, "VALIDATION_ERROR", "/admin_password"),
        ({"additional": {"pe_account": {"environment": "live"}}}, 403, "KEY_MODE", None),
        ({"additional": {"pe_account": {"environment": "moon"}}}, 400, "VALIDATION_ERROR",
         "/additional/pe_account/environment"),
        ({"additional": {"pe_account": {"pse_tax_id_code": "20123456785"}}}, 422, "CHQ-RUC",
         "/additional/pe_account/pse_tax_id_code"),
        ({"additional": {"pe_account": {"ose_url": "http://x.test"}}}, 400, "VALIDATION_ERROR",
         "/additional/pe_account/ose_url"),
        ({"registration_additional_data": {"certificate_file": "%%"}}, 400, "VALIDATION_ERROR",
         "/registration_additional_data/certificate_file"),
    ],
)
def test_bad_accounts_are_refused_and_nothing_stays(
    services: Office, boss: Caller, change: dict[str, Any], status: int, code: str, pointer: str | None
) -> None:
    answer = boss("POST", "/V1/accounts", {**REQUEST, **change})
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    if pointer:
        assert pointer in [item["pointer"] for item in answer.json["errors"]]
    with services.database.read() as session:
        assert session.scalars(select(AccountRecord.id)).all() == []


def test_a_ruc_has_one_account_in_an_environment(boss: Caller) -> None:
    assert boss("POST", "/V1/accounts", REQUEST).status_code == 201
    again = boss("POST", "/V1/accounts", REQUEST)
    assert (again.status_code, again.json["code"]) == (409, "ACCOUNT_EXISTS")
    beta = {**REQUEST, "additional": {"pe_account": {"environment": "beta"}}}
    assert boss("POST", "/V1/accounts", beta).status_code == 201


def test_settings_change_and_identity_does_not(services: Office, client: FlaskClient) -> None:
    made, key = account(services)
    mine, path = caller(client, key), f"/V1/accounts/{made}"
    answer = mine("PATCH", path, {
        "contact_name": "OTRO", "registration_company_size": 2,
        "additional": {"pe_account": {
            "sol_password": "x", "duplicate_guard_minutes": 5, "signature_algorithm": "rsa-sha1",
        }},
    })
    assert answer.status_code == 200, answer.text
    pe = answer.json["additional"]["pe_account"]
    assert (pe["sol_password_set"], pe["duplicate_guard_minutes"], pe["signature_algorithm"]) == (True, 5, "rsa-sha1")
    assert answer.json["account_created"]["registration_company_size"] == 2
    cleared = mine("PATCH", path, {"additional": {"pe_account": {"sol_password": ""}}}).json
    assert cleared["additional"]["pe_account"]["sol_password_set"] is False
    assert cleared["account_created"]["registration_company_size"] == 2
    for change in ({"registration_tax_id_code": OTHER_RUC}, {"additional": {"pe_account": {"environment": "beta"}}}):
        refused = mine("PATCH", path, change)
        assert (refused.status_code, refused.json["code"]) == (409, "ACCOUNT_IDENTITY")


def test_tokens_by_password_and_by_refresh(
    services: Office, boss: Caller, client: FlaskClient, clock: FixedClock
) -> None:
    user = boss("POST", "/V1/accounts", REQUEST).json["api_user"]
    grant = {"grant_type": "password", "client_id": user["client_id"], "client_secret": user["client_secret"],
             "username": user["username"], "password": REQUEST["admin_password"]}
    answer = client.post("/V1/auth", json=grant)
    assert set(answer.json) == {"access_token", "expires_in", "token_type", "scope", "refresh_token"}
    assert (answer.json["expires_in"], answer.json["token_type"], answer.json["scope"]) == (3600, "Bearer", None)
    assert client.post("/auth", data=grant).status_code == 200
    token, refresh = answer.json["access_token"], answer.json["refresh_token"]
    assert caller(client, token)("GET", "/V1/document_types").status_code == 200
    assert caller(client, refresh)("GET", "/V1/document_types").status_code == 401
    clock.advance(timedelta(seconds=3600))
    expired = caller(client, token)("GET", "/V1/document_types", headers={"Accept-Language": "en"})
    assert (expired.status_code, expired.json["error"]) == (401, "Invalid or expired token")
    assert expired.headers["WWW-Authenticate"].startswith("Bearer")
    renew = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": user["client_id"],
             "client_secret": user["client_secret"]}
    renewed = client.post("/V1/auth", json=renew)
    assert caller(client, renewed.json["access_token"])("GET", "/V1/document_types").status_code == 200
    for change in ({"client_secret": "x"}, {"client_id": "x"}, {"refresh_token": token}, {"refresh_token": "x"}):
        assert client.post("/V1/auth", json={**renew, **change}).status_code == 401
    with services.database.write() as session:
        session.scalars(select(ApiUserRecord)).one().active = False
    assert client.post("/V1/auth", json=renew).status_code == 401
    assert caller(client, renewed.json["access_token"])("GET", "/V1/document_types").status_code == 401


def test_wrong_grants_have_oauths_errors(boss: Caller, client: FlaskClient) -> None:
    user = boss("POST", "/V1/accounts", REQUEST).json["api_user"]
    good = {"grant_type": "password", **user, "password": REQUEST["admin_password"]}
    for change in ({"password": "x"}, {"username": "x"}, {"client_secret": "x"}, {"client_id": "x"}):
        answer = client.post("/V1/auth", json={**good, **change})
        assert answer.status_code == 401
        assert (answer.json["error"], answer.json["code"]) == ("invalid_grant", "INVALID_GRANT")
        assert answer.json["error_description"] == "Credenciales no válidas"
        assert answer.json["errors"][0]["hint"] == "Revise client_id, client_secret, username y password"
    stale = client.post(
        "/V1/auth", json={**user, "grant_type": "refresh_token", "refresh_token": "x"},
        headers={"Accept-Language": "en"},
    )
    assert (stale.status_code, stale.json["error"]) == (401, "invalid_grant")
    assert stale.json["errors"][0]["hint"] == "Check client_id, client_secret and refresh_token"
    assert client.post("/V1/auth", json={**good, "password": ""}).json["error"] == "invalid_request"
    assert client.post("/V1/auth", json={"grant_type": "implicit"}).json["error"] == "unsupported_grant_type"
    assert client.post("/V1/auth", json={**good, "grant_type": 7}).status_code == 400
    assert client.post("/V1/auth", data=b"grant_type").status_code == 400


def test_failures_lock_out_user_and_address(services: Office, boss: Caller, clock: FixedClock) -> None:
    user = boss("POST", "/V1/accounts", REQUEST).json["api_user"]
    strict = office_on(services.database, clock, lockout_failures=2, lockout_failures_per_ip=4, lockout_seconds=60)
    client = app_on(strict).test_client()
    good = {"grant_type": "password", **user, "password": REQUEST["admin_password"]}
    assert [client.post("/V1/auth", json={**good, "password": "x"}).status_code for _ in range(3)] == [401, 401, 429]
    locked = client.post("/V1/auth", json=good)
    assert (locked.status_code, locked.json["code"], locked.headers["Retry-After"]) == (429, "LOCKED_OUT", "60")
    clock.advance(timedelta(seconds=61))
    assert client.post("/V1/auth", json=good).status_code == 200
    assert [client.post("/V1/auth", json={**good, "username": f"u{n}"}).status_code for n in range(5)] == [
        401, 401, 401, 401, 429
    ]
    assert client.post("/V1/auth", json=good).status_code == 429
    with services.database.read() as session:
        assert all(len(row) == 64 for row in session.scalars(select(LoginFailureRecord.subject)))


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "chq_test_x", "Bearer chq_test_short", "Bearer a.b.c",
               "Bearer chq_live_" + "a" * 43, "Bearer ñ", "Bearer " + "x" * 5000]
)
def test_without_a_good_credential_there_is_401(client: FlaskClient, header: str | None) -> None:
    answer = client.get("/V1/accounts", headers={"Authorization": header} if header is not None else {})
    assert (answer.status_code, answer.json["code"]) == (401, "UNAUTHORIZED")


def test_keys_are_shown_once_used_noted_and_revoked(services: Office, client: FlaskClient, clock: FixedClock) -> None:
    _, key = account(services)
    mine = caller(client, key)
    made = mine("POST", "/V1/api_keys", {"name": "caja 1", "scopes": ["documents:read", "series:read"]})
    assert made.status_code == 201, made.text
    new = caller(client, made.json["api_key"])
    assert made.json["api_key"].startswith(made.json["prefix"])
    assert new("GET", "/V1/document_types").status_code == 200
    denied = new("GET", "/V1/accounts")
    assert (denied.status_code, denied.json["code"]) == (403, "SCOPE_MISSING")
    listed = mine("GET", "/V1/api_keys").json["api_keys"]
    assert [entry["name"] for entry in listed] == ["", "caja 1"]
    assert all("api_key" not in entry for entry in listed)
    assert listed[1]["last_used_at"] == "2026-11-20 10:00:00"
    assert mine("DELETE", f"/V1/api_keys/{made.json['api_key_id']}").status_code == 204
    assert new("GET", "/V1/document_types").status_code == 401
    assert mine("DELETE", f"/V1/api_keys/{made.json['api_key_id']}").status_code == 404


def test_a_key_gives_only_what_it_has(services: Office, client: FlaskClient, boss: Caller) -> None:
    made, key = account(services)
    mine = caller(client, key)
    for scopes in (["numbers:force"], ["accounts:create"]):
        assert mine("POST", "/V1/api_keys", {"scopes": scopes}).json["code"] == "SCOPE_MISSING"
    assert mine("POST", "/V1/api_keys", {"scopes": ["all"]}).status_code == 400
    given = boss("POST", "/V1/api_keys", {"account_id": made, "scopes": ["numbers:force", "documents:write"]})
    assert (given.status_code, given.json["scopes"]) == (201, ["numbers:force", "documents:write"])
    assert boss("POST", "/V1/api_keys", {"account_id": made, "scopes": ["accounts:create"]}).status_code == 422
    assert mine("POST", "/V1/api_keys", {"mode": "live"}).json["code"] == "KEY_MODE"


def test_a_branchs_key_stays_in_its_branch(services: Office, client: FlaskClient) -> None:
    made, key = account(services)
    branch = caller(client, key)("POST", "/V1/company_branches", {"name": "Sur", "establishment_code": "0001"}).json
    bound = key_for(services, made, branch_id=branch["company_branch_id"], scopes=("keys:write", "branches:write",
                                                                                   "series:write", "documents:write"))
    mine = caller(client, bound)
    head = caller(client, key)("GET", "/V1/company_branches").json["company_branches"][0]["company_branch_id"]
    assert mine("POST", "/V1/api_keys", {"branch": head, "scopes": ["documents:write"]}).status_code == 403
    own = mine("POST", "/V1/api_keys", {"scopes": ["documents:write"]})
    assert own.json["branch"] == branch["company_branch_id"]
    assert len(mine("GET", "/V1/api_keys").json["api_keys"]) == 2
    assert mine("PUT", f"/V1/company_branches/{head}", {"name": "x"}).status_code == 403
    assert mine("PATCH", "/V1/document_types/96", {
        "document_sequence_code": "F001", "last_sequence_number": 5
    }).json["code"] == "SERIES_OF_ANOTHER_BRANCH"
    registered = mine("PATCH", "/V1/document_types/96", {"document_sequence_code": "F002", "last_sequence_number": 5})
    assert registered.status_code == 201, registered.text
    sequence = next(row for row in registered.json["sequences"] if row["document_sequence_code"] == "F002")
    assert (sequence["company_branch_id"], sequence["last_sequence_number"]) == (branch["company_branch_id"], 5)


def test_modes_never_mix(services: Office, client: FlaskClient, clock: FixedClock) -> None:
    live, live_key = account(services, environment="live")
    test, test_key = account(services)
    assert live_key.startswith("chq_live_")
    assert test_key.startswith("chq_test_")
    assert caller(client, operator(services))("GET", f"/V1/accounts/{live}").status_code == 404
    assert caller(client, operator(services, mode="live"))("GET", f"/V1/accounts/{live}").status_code == 200
    with services.database.write() as session:
        for row in session.scalars(select(ApiKeyRecord).where(ApiKeyRecord.account_id == test)):
            row.account_id = live
    assert caller(client, test_key)("GET", "/V1/accounts").status_code == 401


def test_an_inactive_account_opens_nothing(services: Office, client: FlaskClient) -> None:
    made, key = account(services)
    with services.database.write() as session:
        session.get_one(AccountRecord, made).active = False
    assert caller(client, key)("GET", "/V1/accounts").status_code == 401


def test_branches_are_added_changed_and_removed(services: Office, client: FlaskClient) -> None:
    _, key = account(services)
    mine = caller(client, key)
    made = mine("POST", "/V1/company_branches", {
        "name": "Miraflores", "company_branch_tax_code": "0003", "ubigeo": "150122", "address": "AV. LARCO 1",
    })
    assert made.status_code == 201, made.text
    path = f"/V1/company_branches/{made.json['company_branch_id']}"
    assert (made.json["establishment_code"], made.json["company_branch_internal_code"]) == ("0003", "0003")
    assert mine("POST", "/V1/company_branches", {"name": "x", "establishment_code": "0003"}).status_code == 409
    changed = mine("PUT", path, {"phone": "01", "document_sequence_codes": ["F001"]}).json
    assert (changed["phone"], changed["address"], changed["document_sequence_codes"]) == ("01", "AV. LARCO 1", ["F001"])
    assert mine("GET", path).json == changed
    assert mine("PUT", path, {"document_sequence_codes": ["F404"]}).json["code"] == "SERIES_NOT_FOUND"
    assert mine("DELETE", path).json["code"] == "BRANCH_IN_USE"
    assert mine("POST", "/V1/company_branches", {"name": "x", "is_headquarters": 1}).json["code"] == "HEAD_OFFICE"
    head = mine("GET", "/V1/company_branches").json["company_branches"][0]["company_branch_id"]
    assert mine("DELETE", f"/V1/company_branches/{head}").json["code"] == "HEAD_OFFICE"
    assert mine("PUT", f"/V1/company_branches/{head}", {"is_headquarters": 1, "city": "LIMA"}).json["city"] == "LIMA"
    spare = mine("POST", "/V1/company_branches", {"name": "y", "establishment_code": "0009"}).json["company_branch_id"]
    assert mine("DELETE", f"/V1/company_branches/{spare}").status_code == 204
    assert mine("GET", f"/V1/company_branches/{spare}").status_code == 404
    for wrong in ({"name": ""}, {"name": "x", "establishment_code": "1"}, {"name": "x", "ubigeo": "15"}):
        assert mine("POST", "/V1/company_branches", wrong).status_code == 400


def test_certificates_in_every_form(services: Office, client: FlaskClient, certificate: Certificate) -> None:
    made, key = account(services)
    mine = caller(client, key)
    pem, cer, private = certificate.pem_with_key(), certificate.der, key_der(certificate, None)
    forms: list[dict[str, str]] = [
        {"certificate_file": pfx(certificate, b"clave"), "certificate_password": "clave"},
        {"certificate_file": b64(pem), "certificate_password": ""},
        {"certificate_cer": b64(cer), "certificate_key": b64(private)},
        {"certificate_cer": b64(certificate.pem.encode()), "certificate_key": b64(key_der(certificate, b"k")),
         "certificate_password": "k"},
    ]
    for form in forms:
        answer = mine("POST", "/V1/digital_certificates", form)
        assert answer.status_code == 201, answer.text
        assert (answer.json["certificate_tax_id_code"], answer.json["active"]) == (RUC, True)
        assert answer.json["certificate_valid_from"] == "2026-11-20 10:00:00"
        assert "certificate_file" not in answer.json
    assert len(mine("GET", "/V1/digital_certificates").json["digital_certificates"]) == 1
    with services.database.read() as session:
        row = certificates.active_certificate(session, made)
        assert row is not None
        opened = certificates.opened(services.vault, session.get_one(AccountRecord, made), row)
        assert opened.private_key is not None
        assert opened.fingerprint == certificate.fingerprint
    status = mine("GET", f"/V1/accounts/{made}").json["account_created"]
    assert (status["certification_status"], len(status["certification_status_trace"])) == (1, 2)


def test_rotation_keeps_one_active(services: Office, client: FlaskClient, clock: FixedClock) -> None:
    made, key = account(services)
    mine = caller(client, key)
    ids = [
        mine("POST", "/V1/digital_certificates", {"certificate_file": b64(
            self_signed(RUC, "X", now=clock.now(), days=days).pem_with_key())}).json["certificate_id"]
        for days in (30, 60)
    ]
    listed = mine("GET", "/V1/digital_certificates").json["digital_certificates"]
    assert [(entry["certificate_id"], entry["active"]) for entry in listed] == [(ids[0], False), (ids[1], True)]
    assert mine("DELETE", f"/V1/digital_certificates/{ids[1]}").status_code == 204
    assert mine("GET", f"/V1/digital_certificates/{ids[1]}").status_code == 404
    with services.database.read() as session:
        assert certificates.active_certificate(session, made) is None
        gone = session.scalars(select(CertificateRecord).where(CertificateRecord.public_id == ids[1])).one()
        assert gone.key_sealed == b""


def test_certificates_that_cannot_sign_are_refused(
    services: Office, client: FlaskClient, clock: FixedClock, certificate: Certificate
) -> None:
    _, key = account(services)
    mine, now = caller(client, key), clock.now()
    cases: dict[str, dict[str, str]] = {
        "CERTIFICATE_PASSWORD": {"certificate_file": pfx(certificate, b"a"), "certificate_password": "b"},
        "CERTIFICATE_UNREADABLE": {"certificate_file": b64(b"not a certificate"), "certificate_password": "b"},
        "CERTIFICATE_NO_KEY": {"certificate_file": b64(certificate.pem.encode())},
        "CERTIFICATE_FOREIGN_RUC": {"certificate_file": b64(self_signed(OTHER_RUC, "Y", now=now).pem_with_key())},
        "CERTIFICATE_EXPIRED": {"certificate_file": b64(
            self_signed(RUC, "X", now=now - timedelta(days=400), days=365).pem_with_key())},
        "CERTIFICATE_NOT_YET_VALID": {"certificate_file": b64(
            self_signed(RUC, "X", now=now + timedelta(days=1)).pem_with_key())},
        "CERTIFICATE_KEY_SIZE": {"certificate_file": b64(
            self_signed(RUC, "X", now=now, bits=1024).pem_with_key())},
        "VALIDATION_ERROR": {"certificate_cer": b64(certificate.der)},
    }
    for code, form in cases.items():
        answer = mine("POST", "/V1/digital_certificates", form)
        status = 400 if code == "VALIDATION_ERROR" else 422
        assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert mine("GET", "/V1/digital_certificates").json["total_items"] == 0


def test_the_registered_pse_may_sign(services: Office, client: FlaskClient, clock: FixedClock) -> None:
    made, key = account(services)
    mine = caller(client, key)
    channel = {"channel": "pse", "pse_tax_id_code": OTHER_RUC}
    assert mine("PATCH", f"/V1/accounts/{made}", {"additional": {"pe_account": channel}}).status_code == 200
    theirs = self_signed(OTHER_RUC, "PSE", now=clock.now()).pem_with_key()
    assert mine("POST", "/V1/digital_certificates", {"certificate_file": b64(theirs)}).status_code == 201


def test_nobody_reaches_another_tenants_things(services: Office, client: FlaskClient, certificate: Certificate) -> None:
    other, other_key = account(services, ruc=OTHER_RUC)
    mine, mine_key = account(services)
    theirs, me = caller(client, other_key), caller(client, mine_key)
    certificate_id = me("POST", "/V1/digital_certificates", {
        "certificate_file": b64(certificate.pem_with_key())}).json["certificate_id"]
    branch = me("GET", "/V1/company_branches").json["company_branches"][0]["company_branch_id"]
    key_id = me("GET", "/V1/api_keys").json["api_keys"][0]["api_key_id"]
    attempts: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", f"/V1/accounts/{mine}", None), ("PATCH", f"/V1/accounts/{mine}", {"contact_name": "x"}),
        ("GET", f"/V1/company_branches/{branch}", None), ("PUT", f"/V1/company_branches/{branch}", {"name": "x"}),
        ("DELETE", f"/V1/company_branches/{branch}", None), ("GET", f"/V1/company_branches?account_id={mine}", None),
        ("GET", f"/V1/digital_certificates/{certificate_id}", None),
        ("DELETE", f"/V1/digital_certificates/{certificate_id}", None),
        ("GET", f"/V1/digital_certificates?account_id={mine}", None),
        ("POST", "/V1/digital_certificates", {"account_id": mine, "certificate_file": b64(certificate.pem_with_key())}),
        ("DELETE", f"/V1/api_keys/{key_id}", None), ("POST", "/V1/api_keys", {"account_id": mine}),
        ("POST", "/V1/api_keys", {"branch": branch}), ("GET", f"/V1/document_types?account_id={mine}", None),
        ("PATCH", "/V1/document_types/96", {"account_id": mine, "last_sequence_number": 5}),
        ("PATCH", "/V1/document_types/96", {"document_sequence_code": "F005", "company_branch_id": branch}),
        ("POST", "/V1/company_branches", {
            "name": "x", "establishment_code": "0005", "parent_company_branch_id": branch}),
    ]
    for method, path, body in attempts:
        answer = theirs(method, path, body)
        assert answer.status_code == 404, (method, path, answer.text)
    assert theirs("GET", "/V1/accounts").json["total_items"] == 1
    assert me("GET", f"/V1/accounts/{mine}").json["account_created"]["contact_name"] == ""
    assert other != mine


def test_an_account_cannot_open_accounts(services: Office, client: FlaskClient) -> None:
    _, key = account(services)
    assert caller(client, key)("POST", "/V1/accounts", REQUEST).status_code == 403


def test_an_operator_must_name_the_account(boss: Caller) -> None:
    answer = boss("GET", "/V1/company_branches")
    assert (answer.status_code, answer.json["code"]) == (403, "ACCOUNT_NEEDED")


def test_authentication_without_a_request(services: Office) -> None:
    from app.accounts.auth import authenticate

    made, key = account(services)
    who = authenticate(services, f"bearer {key}")
    assert (who.account, who.branch_id, who.mode) == (made, None, "test")
    with pytest.raises(Unauthorized):
        authenticate(services, f"Bearer {key}x")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pfx(certificate: Certificate, password: bytes) -> str:
    return b64(pkcs12.serialize_key_and_certificates(
        b"x", certificate.private_key, certificate.leaf, None, serialization.BestAvailableEncryption(password)
    ))


def key_der(certificate: Certificate, password: bytes | None) -> bytes:
    assert certificate.private_key is not None
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return certificate.private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, encryption
    )
