"""The nodes of certificates of retention and of perception, and the content fields they show (see ``places``).

The two roots differ in the words inside their names alone: Retention and Paid, Perception and Cashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sunat.ubl.places import ADDRESS, Place, each, under

_PARTY: Final = {
    "": "identity_number",
    "cac:PartyIdentification/cbc:ID/@schemeID": "identity_code",
    "cac:PartyName": "trade_name",
    "cac:PartyLegalEntity": "name",
    **under("cac:PostalAddress", "address.", ADDRESS),
    "cac:PostalAddress/cbc:StreetName": "address.line",
}


def _paid(word: str, moved: str) -> Place:
    inside = f"sac:SUNAT{word}Information"
    return Place(fields={
        "": "number",
        "cbc:ID": "number",
        "cbc:ID/@schemeID": "type_code",
        "cbc:IssueDate": "issue_date",
        "cbc:TotalInvoiceAmount": "total",
        "cbc:TotalInvoiceAmount/@currencyID": "currency",
        "cac:Payment": "paid",
        "cac:Payment/cbc:ID": "payment_id",
        "cac:Payment/cbc:PaidAmount": "paid",
        "cac:Payment/cbc:PaidAmount/@currencyID": "currency",
        "cac:Payment/cbc:PaidDate": "paid_on",
        inside: "amount",
        f"{inside}/sac:SUNAT{word}Amount": "amount",
        f"{inside}/sac:SUNAT{word}Date": "withheld_on",
        f"{inside}/sac:SUNATNetTotal{moved}": "net",
        f"{inside}/cac:ExchangeRate": "rate.rate",
        f"{inside}/cac:ExchangeRate/cbc:SourceCurrencyCode": "currency",
        f"{inside}/cac:ExchangeRate/cbc:CalculationRate": "rate.rate",
        f"{inside}/cac:ExchangeRate/cbc:Date": "rate.day",
    })


def _certificate(word: str, moved: str) -> Place:
    row = f"sac:SUNAT{word}DocumentReference"
    return Place(
        fields={
            "cbc:ID": "series",
            "cbc:IssueDate": "issue_date",
            "cbc:IssueTime": "issue_time",
            "cac:Signature": "signature_id",
            "cac:Signature/cac:SignatoryParty": "issuer.identity_number",
            **under("cac:AgentParty", "issuer.", _PARTY),
            **under("cac:ReceiverParty", "customer.", _PARTY),
            "sac:ExceptionalIndicator": "exceptional",
            f"sac:SUNAT{word}SystemCode": "system",
            f"sac:SUNAT{word}Percent": "percent",
            "cbc:Note": "remark",
            "cbc:TotalInvoiceAmount": "amount",
            "cbc:PayableRoundingAmount": "rounding",
            f"sac:SUNATTotal{moved}": "net",
            row: "vouchers",
        },
        repeated={row: each("vouchers", _paid(word, moved))},
    )


CERTIFICATES: Final[Mapping[str, Place]] = {
    "Retention": _certificate("Retention", "Paid"),
    "Perception": _certificate("Perception", "Cashed"),
}
"""A whole certificate, by its root."""
