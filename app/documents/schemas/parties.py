"""Issuer and customer of a sale, from the header's fields."""

from __future__ import annotations

from typing import Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from app.wire.countries import COUNTRIES
from app.wire.identities import NOT_DOMICILED, country_of, identity_code
from sunat.documents import Address, Party
from sunat.identity import ANONYMOUS_NAME, IDENTITY_TYPES, RUC

_RECEIVER: Final = ("tax_id_code", "tax_id_type", "legal_name")
_LONGEST_IDENTITY: Final = 20


def issuer_of(reading: Reading) -> Party:
    """The issuer: the account's own data, the header filling only what is blank there."""
    header, card, extra = reading.header, reading.issuer, reading.pe_header
    given = header.get("issuer_tax_id_code", "")
    if given and given != card.ruc:
        reading.refuse(
            "ISSUER_MISMATCH", "/header/issuer_tax_id_code", f"El RUC {given} no es el de esta cuenta ({card.ruc})",
            f"RUC {given} is not this account's ({card.ruc})",
            Text("Use la credencial de la cuenta de ese RUC, o no envíe issuer_tax_id_code",
                 "Use the credential of that RUC's account, or leave issuer_tax_id_code out"),
        )
    if header.get("issuer_tax_id_type", "PE-RUC") not in {"PE-RUC", ""}:
        reading.refuse(
            "ISSUER_MISMATCH", "/header/issuer_tax_id_type", "El emisor se identifica con PE-RUC",
            "The issuer is identified by PE-RUC",
            Text("Envíe PE-RUC, o no envíe issuer_tax_id_type", "Send PE-RUC, or leave issuer_tax_id_type out"),
        )
    address = Address(
        line=card.address.line or header.get("issuer_address", ""),
        ubigeo=card.address.ubigeo or extra.get("issuer_ubigeo", ""),
        urbanization=card.address.urbanization,
        district=card.address.district or header.get("issuer_district", ""),
        province=card.address.province or header.get("issuer_city", ""),
        department=card.address.department or header.get("issuer_department", ""),
    )
    return Party(
        identity_code=RUC, identity_number=card.ruc, name=card.legal_name or header.get("issuer_legal_name", ""),
        trade_name=card.trade_name or extra.get("issuer_trade_name", ""), address=address,
        establishment_code=extra.get("establishment_code") or card.establishment_code or "0000",
        agent_ruc=extra.get("agent_tax_id_code", ""),
    )


def customer_of(reading: Reading, *, may_be_anonymous: bool) -> Party:
    """The customer; one who gives nothing at all is anonymous where the kind allows it."""
    header, extra = reading.header, reading.pe_header
    given = {name: header.get(f"receiver_{name}", "") for name in _RECEIVER}
    if not any(given.values()) and may_be_anonymous:
        card = reading.issuer
        return Party(identity_code=card.anonymous_code, identity_number=card.anonymous_number, name=ANONYMOUS_NAME)
    code = _identity_code(reading, given["tax_id_type"])
    for name, value in given.items():
        if not value and not (name == "tax_id_type" and code):
            reading.refuse(
                "REQUIRED", f"/header/receiver_{name}", "Falta este dato del cliente",
                "This part of the customer is missing",
                Text("Envíe tipo, número y nombre del cliente; solo una boleta puede ir sin los tres",
                     "Send the customer's type, number and name; only a boleta may go without all three"),
            )
    if len(given["tax_id_code"]) > _LONGEST_IDENTITY:
        reading.refuse(
            "CHQ-IDENTITY", "/header/receiver_tax_id_code",
            f"Ningún documento de identidad tiene más de {_LONGEST_IDENTITY} caracteres",
            f"No identity document has more than {_LONGEST_IDENTITY} characters",
            Text("Revise el número del cliente", "Check the customer's number"),
        )
    return Party(
        identity_code=code or "", identity_number=given["tax_id_code"], name=given["legal_name"],
        trade_name=extra.get("receiver_trade_name", ""), address=_address(reading, given["tax_id_type"]),
    )


def _identity_code(reading: Reading, tax_id_type: str) -> str:
    told: str = reading.pe_header.get("receiver_identity_code", "")
    if told in IDENTITY_TYPES:
        return told
    if told:
        reading.refuse(
            "UNKNOWN_IDENTITY_TYPE", "/header/additional/pe_header/receiver_identity_code",
            f"El catálogo 06 no tiene el código {told}", f"Catalogue 06 has no code {told}",
            Text(
                "Por ejemplo 1 DNI, 6 RUC, 7 pasaporte, 0 no domiciliado",
                "For example 1 DNI, 6 RUC, 7 passport, 0 not domiciled",
            ),
        )
        return ""
    if not tax_id_type:
        return ""
    code = identity_code(tax_id_type)
    if code is None:
        reading.refuse(
            "UNKNOWN_IDENTITY_TYPE", "/header/receiver_tax_id_type",
            f"No se conoce el tipo de documento {tax_id_type}", f"The identity type {tax_id_type} is not known",
            Text(
                "Use PE-RUC, PE-DNI, PE-CE, PE-PAS, PE-CDI o el de otro país, por ejemplo US-EIN",
                "Use PE-RUC, PE-DNI, PE-CE, PE-PAS, PE-CDI or another country's, for example US-EIN",
            ),
        )
    return code or ""


def _address(reading: Reading, tax_id_type: str) -> Address | None:
    header = reading.header
    line = header.get("receiver_address", "")
    ubigeo = reading.pe_header.get("receiver_ubigeo", "")
    if not line and not ubigeo:
        return None
    country = COUNTRIES.get(header.get("receiver_country_id", "83"), "")
    if tax_id_type and identity_code(tax_id_type) == NOT_DOMICILED and country != country_of(tax_id_type):
        reading.remark(
            "CHQ-COUNTRY", "/header/receiver_country_id",
            f"El país no coincide con el tipo de documento {tax_id_type}; se usa {country_of(tax_id_type)}",
            f"The country does not match the identity type {tax_id_type}; {country_of(tax_id_type)} is used",
        )
        country = country_of(tax_id_type)
    return Address(
        line=line, ubigeo=ubigeo, district=header.get("receiver_district", ""),
        province=header.get("receiver_city", ""), department=header.get("receiver_department", ""), country=country,
    )
