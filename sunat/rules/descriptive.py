"""Descriptive attributes (``@listName``, ``@schemeURI`` ...): leaving one out is always fine, a wrong text is observed.

Codes 4251 to 4261 by attribute. Texts are SUNAT's, accents and all. Source: validation workbook of 2026-02-12.
"""

from __future__ import annotations

from typing import Final

from sunat.rules.checks import words
from sunat.rules.engine import Rule
from sunat.rules.rows import observation

SUNAT: Final = "PE:SUNAT"
INEI: Final = "PE:INEI"
UN: Final = "United Nations Economic Commission for Europe"

CODE_OF: Final = {
    "listAgencyName": "4251", "listName": "4252", "listURI": "4253", "listID": "4254", "schemeName": "4255",
    "schemeAgencyName": "4256", "schemeURI": "4257", "unitCodeListID": "4258", "unitCodeListAgencyName": "4259",
    "name": "4260", "listSchemeURI": "4261",
}


def _uri(catalogue: str) -> str:
    return f"urn:pe:gob:sunat:cpe:see:gem:catalogos:catalogo{catalogue}"


def _list(name: str, catalogue: str) -> dict[str, str]:
    return {"listAgencyName": SUNAT, "listName": name, "listURI": _uri(catalogue)}


def _scheme(name: str, catalogue: str) -> dict[str, str]:
    return {"schemeName": name, "schemeAgencyName": SUNAT, "schemeURI": _uri(catalogue)}


_IDENTITY: Final = _scheme("Documento de Identidad", "06")
_UBIGEO: Final = {"schemeAgencyName": INEI, "schemeName": "Ubigeos"}
_COUNTRY: Final = {"listID": "ISO 3166-1", "listAgencyName": UN, "listName": "Country"}
_PROPERTY: Final = _list("Propiedad del item", "55")

SALE_TEXTS: Final[dict[str, dict[str, str]]] = {
    "cbc:CustomizationID": {"schemeAgencyName": SUNAT},
    "currency": {"listID": "ISO 4217 Alpha", "listName": "Currency", "listAgencyName": UN},
    "supplier/identity": _IDENTITY,
    "supplier/registered/cbc:ID": _UBIGEO,
    "supplier/registered/cac:Country/cbc:IdentificationCode": _COUNTRY,
    "supplier/registered/cbc:AddressTypeCode": {"listAgencyName": SUNAT, "listName": "Establecimientos anexos"},
    "customer/identity": _IDENTITY,
    "guide/cbc:DocumentTypeCode": _list("Tipo de Documento", "01"),
    "related/cbc:DocumentTypeCode": _list("Documento Relacionado", "12"),
    "line/quantity": {"unitCodeListID": "UN/ECE rec 20", "unitCodeListAgencyName": UN},
    "line/product": {"listID": "UNSPSC", "listAgencyName": "GS1 US", "listName": "Item Classification"},
    "line/property/cbc:NameCode": _PROPERTY,
    "line/property/cbc:Name": _PROPERTY,
    "line/price/cbc:PriceTypeCode": _list("Tipo de Precio", "16"),
    "line/taxes/affectation": _list("Afectacion del IGV", "07"),
    "line/taxes/tribute": _scheme("Codigo de tributos", "05"),
    "taxes/tribute": _scheme("Codigo de tributos", "05"),
}

DETRACTION_TEXTS: Final[dict[str, dict[str, str]]] = {
    "terms/cbc:PaymentMeansID": _scheme("Codigo de detraccion", "54"),
    "means/cbc:PaymentMeansCode": _list("Medio de pago", "59"),
}

INVOICE_TEXTS: Final[dict[str, dict[str, str]]] = {
    "cbc:InvoiceTypeCode": _list("Tipo de Documento", "01") | {
        "name": "Tipo de Operacion", "listSchemeURI": _uri("51")},
    "place/cbc:ID": _UBIGEO,
    "place/cac:Country/cbc:IdentificationCode": _COUNTRY,
    "line/allowance/reason": _list("Cargo/descuento", "53"),
    "allowance/reason": _list("Cargo/descuento", "53"),
    "cac:PrepaidPayment/cbc:ID": {"schemeName": "Anticipo", "schemeAgencyName": SUNAT},
    "related/cbc:DocumentStatusCode": {"listName": "Anticipo", "listAgencyName": SUNAT},
    "related/cac:IssuerParty/identity": _IDENTITY,
    "supplier/cac:AgentParty/identity": _IDENTITY,
}

NOTE_TEXTS: Final[dict[str, dict[str, str]]] = {
    "modified/cbc:DocumentTypeCode": _list("Tipo de Documento", "01"),
}


_ENTITY: Final = {"schemeName": "Entidad Autorizadora", "schemeAgencyName": SUNAT}
_PREMISES: Final = {"listAgencyName": SUNAT, "listName": "Establecimientos anexos"}
DESPATCH_TEXTS: Final[dict[str, dict[str, str]]] = {
    "cbc:DespatchAdviceTypeCode": _list("Tipo de Documento", "01"),
    "supplier/identity": _IDENTITY,
    "customer/identity": _IDENTITY,
    "paper/cbc:DocumentTypeCode": _list("Documento relacionado al transporte", "61"),
    "paper/cac:IssuerParty/identity": _IDENTITY,
    "carrier/cac:AgentParty/permit": _ENTITY,
    "vehicle/cac:ShipmentDocumentReference/cbc:ID": _ENTITY,
    "trailer/cac:ShipmentDocumentReference/cbc:ID": _ENTITY,
    "driver/cbc:ID": _IDENTITY,
    "origin/cbc:ID": _UBIGEO,
    "destination/cbc:ID": _UBIGEO,
    "line/quantity": {"unitCodeListID": "UN/ECE rec 20", "unitCodeListAgencyName": UN},
    "line/property/cbc:NameCode": _PROPERTY,
}
GUIDE_TEXTS: Final[dict[str, dict[str, str]]] = DESPATCH_TEXTS | {
    "sender/cac:AgentParty/permit": _ENTITY,
    "seller/identity": _IDENTITY,
    "buyer/identity": _IDENTITY,
    "reason": _list("Motivo de traslado", "20"),
    "mode": _list("Modalidad de traslado", "18"),
    "carrier/identity": _IDENTITY,
    "origin/cbc:AddressTypeCode": _PREMISES,
    "destination/cbc:AddressTypeCode": _PREMISES,
    "line/product": {"listID": "UNSPSC", "listAgencyName": "GS1 US", "listName": "Item Classification"},
}
CARRIER_GUIDE_TEXTS: Final[dict[str, dict[str, str]]] = DESPATCH_TEXTS | {"sender/identity": _IDENTITY}


def _rows(table: dict[str, dict[str, str]]) -> tuple[Rule, ...]:
    return tuple(
        observation(CODE_OF[attribute], f"{path}/@{attribute}", words(text))
        for path, texts in table.items() for attribute, text in texts.items()
    )


MOTIVE_TEXTS: Final[dict[str, dict[str, dict[str, str]]]] = {
    "01": {}, "03": {},
    "07": {"motive": _list("Tipo de nota de credito", "09")},
    "08": {"motive": _list("Tipo de nota de debito", "10")},
}

SETTLEMENT_TEXTS: Final[dict[str, dict[str, str]]] = {
    **{path: texts for path, texts in SALE_TEXTS.items()
       if path not in {"supplier/registered/cbc:AddressTypeCode", "line/property/cbc:Name"}},
    **{path: texts for path, texts in INVOICE_TEXTS.items()
       if path not in {"line/allowance/reason", "supplier/cac:AgentParty/identity"}},
    "customer/registered/cbc:ID": _UBIGEO,
    "customer/registered/cac:Country/cbc:IdentificationCode": _COUNTRY,
}

SETTLEMENT: Final = _rows(SETTLEMENT_TEXTS)
SALE: Final = _rows(SALE_TEXTS)
INVOICE: Final = _rows(INVOICE_TEXTS | DETRACTION_TEXTS)
CREDIT_NOTE: Final = _rows(NOTE_TEXTS | MOTIVE_TEXTS["07"])
DEBIT_NOTE: Final = _rows(NOTE_TEXTS | DETRACTION_TEXTS | MOTIVE_TEXTS["08"])
GUIDE: Final = _rows(GUIDE_TEXTS)
CARRIER_GUIDE: Final = _rows(CARRIER_GUIDE_TEXTS)
