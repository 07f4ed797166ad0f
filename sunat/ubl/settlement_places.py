"""The nodes of purchase settlements and the content fields they show (see ``places``).

A settlement is a sale whose parties stand in each other's places; the operation has a place of its own.
"""

from __future__ import annotations

from typing import Final

from sunat.ubl.places import ADDRESS, PARTY, VOUCHER, Place, under

_LOCATION: Final = "cac:DeliveryTerms/cac:DeliveryLocation"

SETTLEMENT: Final = Place(
    fields={
        **VOUCHER.fields,
        **under("cac:AccountingSupplierParty", "customer.", {"": "identity_number"}),
        **under("cac:AccountingSupplierParty/cac:Party", "customer.", PARTY),
        "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cac:RegistrationAddress/cbc:AddressTypeCode":
            "seller_address_type",
        **under("cac:AccountingCustomerParty", "issuer.", {"": "identity_number"}),
        **under("cac:AccountingCustomerParty/cac:Party", "issuer.", PARTY),
        "cac:DeliveryTerms": "place",
        f"{_LOCATION}/cbc:LocationTypeCode": "place_type",
        **under(f"{_LOCATION}/cac:Address", "place.", ADDRESS),
    },
    repeated=VOUCHER.repeated, missing=VOUCHER.missing,
)
"""A whole purchase settlement."""
