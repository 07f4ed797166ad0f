"""Small certificates of retention and perception, for tests that need one and care about one thing in it."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

from sunat.documents import Address, Party
from sunat.documents.perception import PerceptionCertificate
from sunat.documents.retention import Retention
from sunat.documents.withholding import ExchangeRate, PaidVoucher, Withholding
from sunat.money import total
from sunat.taxes.withholding import withhold

D = Decimal
ISSUED = date(2026, 11, 20)


def paid(number: str = "F001-80", amount: str = "1180.00", *, percent: str = "3", added: bool = False,
         rate: str = "", **changes: Any) -> PaidVoucher:
    """A voucher of this month paid at once, in soles or, with a ``rate``, in dollars."""
    soles = withhold(D(amount), D(percent), rate=D(rate or 1), added=added)
    members: dict[str, Any] = {
        "type_code": "01", "number": number, "issue_date": date(2026, 11, 10), "currency": "USD" if rate else "PEN",
        "total": D(amount), "payment_id": "1", "paid": D(amount), "paid_on": date(2026, 11, 18),
        "amount": soles.amount, "withheld_on": date(2026, 11, 18), "net": soles.net,
        "rate": ExchangeRate(currency="USD", rate=D(rate), day=date(2026, 11, 18)) if rate else None,
    }
    return PaidVoucher(**{**members, **changes})


def certificate(stem: str = "retention", *vouchers: PaidVoucher, **changes: Any) -> Withholding:
    """A certificate of the vouchers given, or of one in soles and one in dollars; ``changes`` replace members."""
    added = stem == "perception"
    percent = "2" if added else "3"
    rows = vouchers or (
        paid(percent=percent, added=added),
        paid("F001-81", "200.00", percent=percent, added=added, rate="3.750"),
    )
    counted = [row for row in rows if row.type_code not in {"07", "20", "40"}]
    rounding = changes.get("rounding", D(0))
    members: dict[str, Any] = {
        "issue_date": ISSUED, "issue_time": time(10, 30), "currency": "PEN", "system": "01", "percent": D(percent),
        "vouchers": rows, "amount": total(row.amount or D(0) for row in counted),
        "net": total(row.net or D(0) for row in counted) + rounding,
        "issuer": Party(
            identity_code="6", identity_number="20123456786", name="EMPRESA EMISORA S.A.C.", trade_name="EMISORA",
            address=Address(
                line="AV. EJEMPLO 123", ubigeo="150101", urbanization="CERCADO", district="LIMA", province="LIMA",
                department="LIMA",
            ),
        ),
        "customer": Party(
            identity_code="6", identity_number="20987654326", name="PROVEEDOR DE PRUEBA S.A.", trade_name="PROVEEDOR",
            address=Address(
                line="CALLE CLIENTE 456", ubigeo="150122", urbanization="SANTA CRUZ", district="MIRAFLORES",
                province="LIMA", department="LIMA",
            ),
        ),
    }
    model = PerceptionCertificate if added else Retention
    return model(**{**members, **changes})
