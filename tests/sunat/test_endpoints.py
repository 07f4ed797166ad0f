"""The table of addresses and the fence around production."""

from __future__ import annotations

import pytest

from sunat.errors import FormatError
from sunat.transport.base import Credentials
from sunat.transport.endpoints import Environment, Service, check_address, endpoint, offers

BETA, LIVE, SANDBOX = Environment.BETA, Environment.LIVE, Environment.SANDBOX


def test_addresses() -> None:
    assert endpoint(LIVE, Service.BILL) == "https://e-factura.sunat.gob.pe/ol-ti-itcpfegem/billService"
    assert endpoint(BETA, Service.BILL) == "https://e-beta.sunat.gob.pe/ol-ti-itcpfegem-beta/billService"
    assert endpoint(LIVE, Service.TOKEN) == "https://api-seguridad.sunat.gob.pe/v1/clientesextranet"
    assert endpoint(LIVE, Service.REST) == "https://api.sunat.gob.pe/v1/contribuyente/contribuyentes"
    assert endpoint(SANDBOX, Service.BILL, sandbox_url="http://127.0.0.1:81/") == (
        "http://127.0.0.1:81/ol-ti-itcpfegem-beta/billService")


def test_stored_words_work_like_the_members_and_others_do_not() -> None:
    assert endpoint("sandbox", "bill", sandbox_url="http://127.0.0.1:81").startswith("http://127.0.0.1:81/")
    with pytest.raises(FormatError):
        check_address("sandbox", endpoint("live", "bill"))
    for unknown in ("test", "", "SANDBOX"):
        with pytest.raises(FormatError):
            endpoint(unknown, "bill")
        with pytest.raises(FormatError):
            check_address(unknown, "http://127.0.0.1/")


@pytest.mark.parametrize("service", [Service.CONSULT, Service.VALIDITY, Service.TOKEN, Service.REST])
def test_beta_has_no_queries(service: Service) -> None:
    with pytest.raises(FormatError):
        endpoint(BETA, service)


@pytest.mark.parametrize("service", [one for one in Service if offers(LIVE, one)])
def test_no_test_environment_is_ever_given_production(service: Service) -> None:
    live = endpoint(LIVE, service)
    for environment in (BETA, SANDBOX):
        with pytest.raises(FormatError):
            check_address(environment, live)
        with pytest.raises(FormatError):
            endpoint(SANDBOX, service, sandbox_url="https://e-factura.sunat.gob.pe")
    with pytest.raises(FormatError):
        endpoint(SANDBOX, service)


@pytest.mark.parametrize("address", [
    "https://E-FACTURA.SUNAT.GOB.PE/x", "https://e-factura.sunat.gob.pe./x", "https://e-factura.sunat.gob.pe:443/x",
    "https://user@e-factura.sunat.gob.pe/x", "https://e-guiaremision.sunat.gob.pe/x", "https://sunat.gob.pe/x",
    "https://e-factura%2esunat.gob.pe/x", "https://e-factura。sunat。gob。pe/x", "ftp://e-beta.sunat.gob.pe/x",
    "http://e-beta.sunat.gob.pe/x", "https:///x", "https://[::1/x", "https://e-beta.sunat.gob.pe:99999/x", "",
])
def test_disguises_are_seen_through(address: str) -> None:
    for environment in (SANDBOX, BETA):
        with pytest.raises(FormatError):
            check_address(environment, address)


def test_what_each_may_call() -> None:
    check_address(SANDBOX, "http://127.0.0.1:8000/x")
    check_address(SANDBOX, "http://[::1]:8000/x")
    check_address(BETA, endpoint(BETA, Service.OTHER_CPE))
    check_address(LIVE, endpoint(LIVE, Service.VALIDITY))
    check_address(LIVE, "https://ose.example.com/ol-ti-itcpe/billService")
    check_address(BETA, "https://sunat.gob.pe.example.com/x")
    for wrong in ("http://ose.example.com/x", endpoint(BETA, Service.BILL)):
        with pytest.raises(FormatError):
            check_address(LIVE, wrong)


def test_credentials_hide_the_key_and_never_double_the_ruc() -> None:
    plain = Credentials(ruc="20123456786", user="MODDATOS", password="s3creto")
    assert plain.username == "20123456786MODDATOS"
    assert "s3creto" not in repr(plain)
    assert Credentials(ruc="20123456786", user="20123456786MODDATOS", password="x").username == "20123456786MODDATOS"
    assert Credentials(ruc="20123456786", user="20987654326PSEUSER1", password="x").username == "20987654326PSEUSER1"
    for bad in ({"user": ""}, {"password": ""}, {"password": "a\x00b"}, {"user": "a\nb"}):
        with pytest.raises(FormatError):
            Credentials(**{"ruc": "20123456786", "user": "MODDATOS", "password": "x", **bad})
