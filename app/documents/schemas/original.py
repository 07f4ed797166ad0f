"""What factura and boleta share: sales in their own right, with all that may stand beside their price."""

from __future__ import annotations

from typing import TypeVar

from app.documents.schemas.payment import means_of, payment_of
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.sale import claims_of, read_basis, shared_of, with_legends
from app.documents.schemas.whole import whole_of
from app.documents.schemas.withholdings import detraction_of, net_of, operation_of
from sunat.documents import Address, OriginalSale

_Original = TypeVar("_Original", bound=OriginalSale)


def read_original(reading: Reading, stem: type[_Original], *, may_be_anonymous: bool) -> Drafted:
    """The content of a factura or boleta; what is wrong with the request is noted in ``reading``."""
    extra = reading.pe_header
    basis = read_basis(reading)
    whole = whole_of(reading, basis)
    totals = whole.reckoning.totals
    detraction = detraction_of(reading, totals, basis.currency, basis.soles)
    net = net_of(reading, totals, detraction, basis.currency, basis.soles)
    content = stem(
        **shared_of(reading, basis, whole.reckoning, may_be_anonymous=may_be_anonymous),
        operation_type=operation_of(reading), due_date=extra.get("due_date"), payment=payment_of(reading, net),
        is_advance=extra.get("is_advance", False), advances=whole.advances, detraction=detraction,
        perception=whole.perception, means=means_of(reading),
        delivery=_delivery(reading), incoterm=extra.get("incoterm", ""),
        service_country=extra.get("service_use_country", ""),
    )
    return Drafted(
        content=with_legends(reading, content), exchange_rate=basis.exchange_rate,
        mismatches=(*claims_of(reading, basis, whole.reckoning), *whole.mismatches),
    )


def _delivery(reading: Reading) -> Address | None:
    told = reading.pe_header.get("delivery_address")
    if told is None:
        return None
    return Address(
        line=told.get("address_line", ""), ubigeo=told.get("ubigeo", ""), urbanization=told.get("urbanization", ""),
        district=told.get("district", ""), province=told.get("province", ""), department=told.get("department", ""),
        country=told.get("country") or "PE",
    )
