"""One good request for each operation that creates, another under the same key, and one that is refused."""

from __future__ import annotations

import copy
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from tests.support.history import pair, zipped
from tests.support.pictures import svg
from tests.support.world import Tenancy, World, a_ruc, body_of, certificate_of, contract

QUOTES: Final = {"kind": "quotation", "name": "Cotizaciones", "code": "COT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request that creates: where to, with what; ``other`` differs in its body, ``wrong`` is refused.

    ``other`` and ``wrong`` are None where the operation has no such thing. ``secrets`` says that the answer holds
    some; ``opens`` that only an operator may ask.
    """

    path: str
    good: Any
    other: Any
    wrong: Any
    status: int = 201
    query: dict[str, str] = field(default_factory=dict)
    secrets: bool = False
    opens: bool = False


def _changed(body: Any, **members: Any) -> Any:
    return {**copy.deepcopy(body), **members}


def _account(_: World, shop: Tenancy) -> Asking:
    serial = 8_000_000 + shop.account_id
    body = {
        **contract("account_create_request"), "registration_tax_id_code": a_ruc(serial),
        "admin_email": f"{serial}@example.com", "admin_password": "una clave larga", "additional": {},
        "registration_additional_data": {},
    }
    return Asking(
        path="/V1/accounts", good=body, other=_changed(body, contact_name="OTRO"),
        wrong=_changed(body, registration_tax_id_code="20123456787"), secrets=True, opens=True,
    )


def _branch(_: World, __: Tenancy) -> Asking:
    body = {"name": "Sucursal", "establishment_code": "0009", "address": "JR. SUCURSAL 1"}
    return Asking(path="/V1/company_branches", good=body, other=_changed(body, name="Otra"), wrong={"name": 5})


def _branch_changed(_: World, shop: Tenancy) -> Asking:
    (head,) = shop.till("GET", "/V1/company_branches").json()["company_branches"]
    body = {"name": "Sede", "phone": "+5111111111"}
    return Asking(
        path=f"/V1/company_branches/{head['company_branch_id']}", good=body, other=_changed(body, name="Otra"),
        wrong={"name": ""}, status=200,
    )


def _certificate(_: World, shop: Tenancy) -> Asking:
    content = b64encode(certificate_of(shop.ruc).pem_with_key()).decode()
    body = {"certificate_file": content, "certificate_name_internal": "uno"}
    return Asking(
        path="/V1/digital_certificates", good=body, other=_changed(body, certificate_name_internal="dos"),
        wrong=_changed(body, certificate_file="QUJD"),
    )


def _key(_: World, __: Tenancy) -> Asking:
    return Asking(
        path="/V1/api_keys", good={"name": "caja"}, other={"name": "otra"}, wrong={"name": "caja", "branch": 10**9},
        secrets=True,
    )


def _webhook(_: World, __: Tenancy) -> Asking:
    body = {"callback_url": "https://example.com/aviso"}
    return Asking(
        path="/V1/webhook_subscriptions", good=body, other=_changed(body, callback_username="otro"),
        wrong={"callback_url": "https://127.0.0.1/"}, secrets=True,
    )


def _webhook_secret(_: World, shop: Tenancy) -> Asking:
    made = shop.till("POST", "/V1/webhook_subscriptions", {"callback_url": "https://example.com/aviso"}).json()
    return Asking(
        path=f"/V1/webhook_subscriptions/{made['webhook_subscription_id']}/secret", good=None, other=None, wrong=None,
        status=200, secrets=True,
    )


def _webhook_test(_: World, shop: Tenancy) -> Asking:
    made = shop.till("POST", "/V1/webhook_subscriptions", {"callback_url": "https://example.com/aviso"}).json()
    return Asking(
        path=f"/V1/webhook_subscriptions/{made['webhook_subscription_id']}/test", good=None, other=None, wrong=None,
    )


def _logo(_: World, __: Tenancy) -> Asking:
    def drawn(side: int) -> Any:
        drawing = svg(f'<rect width="{side}" height="9"/>')
        return {"name": "tienda.svg", "content": b64encode(drawing).decode()}

    return Asking(path="/V1/logos", good=drawn(5), other=drawn(6), wrong=_changed(drawn(5), content="QUJD"))


def _series(_: World, __: Tenancy) -> Asking:
    return Asking(
        path="/V1/series", good=QUOTES, other=_changed(QUOTES, name="Otras"), wrong=_changed(QUOTES, code="a b"),
    )


def _series_named(_: World, __: Tenancy) -> Asking:
    return Asking(
        path="/V1/series/cotizaciones", good=QUOTES, other=_changed(QUOTES, name="Otras"),
        wrong=_changed(QUOTES, code="a b"),
    )


def _made(shop: Tenancy) -> str:
    """The id of a series of quotations."""
    answer = shop.till("POST", "/V1/series", _changed(QUOTES, code="BASE"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _clone(_: World, shop: Tenancy) -> Asking:
    return Asking(
        path=f"/V1/series/{_made(shop)}/clone", good={"code": "COT27"}, other={"code": "COT28"}, wrong={"code": "a b"},
    )


def _default(_: World, shop: Tenancy) -> Asking:
    _made(shop)
    second = shop.till("POST", "/V1/series", _changed(QUOTES, code="SEGUNDA")).json()["id"]
    return Asking(path=f"/V1/series/{second}/default", good=None, other={"name": "x"}, wrong=None, status=200)


def _defaults(_: World, __: Tenancy) -> Asking:
    return Asking(path="/V1/series/defaults", good=None, other={"name": "x"}, wrong=None, status=200)


def _entry(_: World, shop: Tenancy) -> Asking:
    return Asking(
        path=f"/V1/series/{_made(shop)}/entries", good={"metadata": {"order": 7}}, other={"metadata": {"order": 8}},
        wrong={"metadata": 5},
    )


def _entry_named(_: World, shop: Tenancy) -> Asking:
    return Asking(
        path=f"/V1/series/{_made(shop)}/entries/order-7", good={"metadata": {"order": 7}},
        other={"metadata": {"order": 8}}, wrong={"metadata": 5},
    )


def _series_import(_: World, __: Tenancy) -> Asking:
    def rows(last: int, code: str = "F077") -> Any:
        return {"rows": [{"type": "01", "code": code, "last_number": last}]}

    return Asking(path="/V1/series/import", good=rows(41), other=rows(42), wrong=rows(41, "X"), status=200)


def _upload(shop: Tenancy, number: int) -> Any:
    return {"file": b64encode(zipped(pair(number, ruc=shop.ruc))).decode(), "name": "ventas.zip"}


def _import(_: World, shop: Tenancy) -> Asking:
    body = _upload(shop, 1)
    return Asking(
        path="/V1/imports", good=body, other=_changed(body, name="otras.zip"), wrong=_changed(body, file="x"),
    )


def _confirmation(_: World, shop: Tenancy) -> Asking:
    made = shop.till("POST", "/V1/imports", _upload(shop, 2)).json()
    return Asking(
        path=f"/V1/imports/{made['import_id']}/confirm", good={"plan": made["plan"]},
        other={"plan": made["plan"], "account_id": shop.account_id}, wrong={"plan": "f" * 64}, status=200,
    )


def _document(_: World, shop: Tenancy) -> Asking:
    wrong = body_of(shop)
    wrong["totals"]["total_amount"] = 1
    return Asking(
        path="/V1/documents", good=body_of(shop), other=body_of(shop, receiver_legal_name="OTRO S.A."), wrong=wrong,
    )


def _batch(_: World, shop: Tenancy) -> Asking:
    return Asking(
        path="/V1/documents/batch", good={"documents": [body_of(shop), body_of(shop, "receipt_dni")]}, other=None,
        wrong=None, status=200,
    )


def _cancelling(_: World, shop: Tenancy) -> Asking:
    made = shop.till.issued(body_of(shop))
    return Asking(
        path=f"/V1/documents/{made['document_id']}", good=None, other=None, wrong={"document_status": "9"}, status=200,
    )


def _rates(_: World, shop: Tenancy) -> Asking:
    day = (date(2020, 1, 1) + timedelta(days=shop.account_id)).isoformat()

    def rates(sell: str) -> Any:
        return {"rates": [{"currency": "USD", "day": day, "buy": "3.5", "sell": sell}]}

    return Asking(
        path="/V1/exchange_rates", good=rates("3.6"), other=rates("3.7"), wrong=rates("-1"), status=200, opens=True,
    )


CREATING: Final[dict[str, Callable[[World, Tenancy], Asking]]] = {
    "POST /V1/accounts": _account,
    "POST /V1/company_branches": _branch,
    "PUT /V1/company_branches/{company_branch_id}": _branch_changed,
    "POST /V1/digital_certificates": _certificate,
    "POST /V1/api_keys": _key,
    "POST /V1/logos": _logo,
    "POST /V1/webhook_subscriptions": _webhook,
    "POST /V1/webhook_subscriptions/{webhook_subscription_id}/secret": _webhook_secret,
    "POST /V1/webhook_subscriptions/{webhook_subscription_id}/test": _webhook_test,
    "POST /V1/series": _series,
    "PUT /V1/series/{series_id}": _series_named,
    "POST /V1/series/{series_id}/clone": _clone,
    "POST /V1/series/{series_id}/default": _default,
    "POST /V1/series/defaults": _defaults,
    "POST /V1/series/import": _series_import,
    "POST /V1/series/{series_id}/entries": _entry,
    "PUT /V1/series/{series_id}/entries/{entry_id}": _entry_named,
    "POST /V1/imports": _import,
    "POST /V1/imports/{import_id}/confirm": _confirmation,
    "POST /V1/documents": _document,
    "POST /V1/documents/batch": _batch,
    "PUT /V1/documents/{document_id}": _cancelling,
    "PUT /V1/exchange_rates": _rates,
}
"""Every operation that minds the Idempotency-Key, as the API's description names it."""

REPEATABLE: Final = tuple(name for name in CREATING if name != "PUT /V1/documents/{document_id}")
"""Those that have something to repeat: an issued voucher is never changed, so asking for it is always refused."""
