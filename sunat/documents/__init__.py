"""What a voucher says: its content, never its number.

Each kind has a module of its own with the stem it has in every other room. Contents are frozen; whoever builds one
has computed the amounts with ``sunat.taxes``. ``sale`` holds what factura, boleta and their notes share, and a
``settlement`` turns a sale round; ``withholding`` holds what the certificates of retention and perception share,
``despatch`` what the guides do; ``legends`` tells which legends a content carries.
"""

from __future__ import annotations

from sunat.documents.boleta import Boleta
from sunat.documents.carrier_guide import CarrierGuide
from sunat.documents.credit_note import CreditNote
from sunat.documents.debit_note import DebitNote
from sunat.documents.despatch import (
    Authorization,
    CitedPaper,
    Despatch,
    Driver,
    Goods,
    RoadVehicle,
    Stop,
)
from sunat.documents.guide import Carrier, Container, Guide, Port
from sunat.documents.invoice import Invoice
from sunat.documents.legends import legends_of
from sunat.documents.party import Address, Party
from sunat.documents.perception import PerceptionCertificate
from sunat.documents.retention import Retention
from sunat.documents.sale import (
    Advance,
    CargoTransport,
    Detraction,
    Instalment,
    Leg,
    Line,
    Note,
    OriginalSale,
    PaymentMeans,
    PaymentTerms,
    Perception,
    Property,
    RelatedDocument,
    Sale,
    Target,
    Vehicle,
)
from sunat.documents.settlement import PurchaseSettlement
from sunat.documents.voucher import Content, Sums, Voucher
from sunat.documents.withholding import ExchangeRate, PaidVoucher, Withholding

__all__ = [
    "Address", "Advance", "Authorization", "Boleta", "CargoTransport", "Carrier", "CarrierGuide", "CitedPaper",
    "Container", "Content", "CreditNote", "DebitNote", "Despatch", "Detraction", "Driver", "ExchangeRate", "Goods",
    "Guide", "Instalment", "Invoice", "Leg", "Line", "Note", "OriginalSale", "PaidVoucher", "Party", "PaymentMeans",
    "PaymentTerms", "Perception", "PerceptionCertificate", "Port", "Property", "PurchaseSettlement",
    "RelatedDocument", "Retention", "RoadVehicle", "Sale", "Stop", "Sums", "Target", "Vehicle", "Voucher",
    "Withholding", "legends_of",
]
