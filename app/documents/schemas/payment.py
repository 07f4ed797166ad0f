"""How a voucher is paid: the contract's due days, or the explicit terms of ``pe_header.payment``.

``payment_conditions`` are days separated by commas in equal shares, the remainder on the last: ``0`` is cash, ``30``
everything in thirty days, ``0,30,60`` a third paid at once and two instalments (contract v1, 4.5). What is shared is
the net amount: what the customer pays into the detraction account or keeps back as an agent of retention is not owed
to the issuer. What is paid at once is not part of the pending amount that SUNAT compares with the instalments (3319).
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from sunat.documents import Instalment, PaymentMeans, PaymentTerms
from sunat.money import CENT, EXACT, total

_DAYS: Final = re.compile(r"\d{1,4}(\s*,\s*\d{1,4}){0,98}")


def payment_of(reading: Reading, net: Decimal, *, compares: bool = True) -> PaymentTerms:
    """The payment terms of a voucher of which ``net`` is owed to the issuer, amounts in its currency.

    ``compares`` remarks on a pending amount that is above the net one.
    """
    told = reading.pe_header.get("payment")
    if told:
        instalments = tuple(
            Instalment(amount=row["amount"], due_date=row["due_date"]) for row in told.get("instalments", ())
        )
        pending = told.get("pending_amount")
        if told["kind"] == "credit" and pending is None:
            pending = total(row.amount for row in instalments) if instalments else net
        if told["kind"] == "cash" and (instalments or pending):
            _refuse_cash(reading)
        elif compares and pending is not None and pending > net:
            _remark_pending(reading, pending, net)
        return PaymentTerms(kind=told["kind"], pending=pending, instalments=instalments)
    return _from_days(reading, net)


def on_credit(reading: Reading) -> bool:
    """Whether the instalments, or what is pending, are to be worked out of what is owed."""
    told = reading.pe_header.get("payment")
    if told:
        return told["kind"] == "credit" and told.get("pending_amount") is None and not told.get("instalments")
    return any(part.strip("0 ") for part in (reading.header.get("payment_conditions") or "0").split(","))


def means_of(reading: Reading) -> tuple[PaymentMeans, ...]:
    """By what means it is paid, where the caller says it."""
    told = (reading.pe_header.get("payment") or {}).get("means")
    return (PaymentMeans(code=told["code"], payment_id=told.get("id", "")),) if told else ()


def _from_days(reading: Reading, net: Decimal) -> PaymentTerms:
    written = reading.header.get("payment_conditions") or "0"
    if _DAYS.fullmatch(written) is None:
        reading.refuse(
            "PAYMENT_CONDITIONS", "/header/payment_conditions",
            f"No se entienden las condiciones de pago {written!r}",
            f"The payment conditions {written!r} are not understood",
            Text(
                "Días separados por comas: 0 al contado, 30, o 0,30,60",
                "Days separated by commas: 0 is cash, 30, or 0,30,60",
            ),
        )
        return PaymentTerms(kind="cash")
    days = [int(part) for part in written.split(",")]
    if not any(days) or net <= 0:
        return PaymentTerms(kind="cash")
    share = EXACT.divide(net, len(days)).quantize(CENT, ROUND_DOWN, EXACT)
    amounts = [share] * (len(days) - 1)
    amounts.append(net - total(amounts))
    instalments = tuple(
        Instalment(amount=amount, due_date=reading.header["issue_date"] + timedelta(days=day))
        for day, amount in zip(days, amounts, strict=True)
        if day and amount
    )
    if not instalments:  # fewer céntimos than days, and those are paid at once
        return PaymentTerms(kind="cash")
    return PaymentTerms(kind="credit", pending=total(row.amount for row in instalments), instalments=instalments)


def _refuse_cash(reading: Reading) -> None:
    reading.refuse(
        "CHQ-PAYMENT", "/header/additional/pe_header/payment/kind",
        "Una venta al contado no tiene cuotas ni monto pendiente",
        "A sale for cash has neither instalments nor an amount pending",
        Text("Use kind credit, o quite instalments y pending_amount",
             "Use kind credit, or remove instalments and pending_amount"),
    )


def _remark_pending(reading: Reading, pending: Decimal, net: Decimal) -> None:
    """SUNAT compares with the whole (3265), but what is pending is net of detraction and retention by the norm."""
    member = "pending_amount" if "pending_amount" in reading.pe_header["payment"] else "instalments"
    reading.remark(
        "CHQ-PENDING-NET", f"/header/additional/pe_header/payment/{member}",
        f"El monto pendiente es {pending} y el neto de detracción y retención es {net} (RS 193-2020/SUNAT)",
        f"The amount pending is {pending}, and net of detraction and retention it is {net} (RS 193-2020/SUNAT)",
        Text("Reste de las cuotas lo que el cliente deposita o retiene",
             "Take out of the instalments what the customer deposits or keeps back"),
    )
