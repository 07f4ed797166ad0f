"""What stands beside the price: detraction, perception, retention of the IGV, income tax withheld.

Detraction and perception are in soles whatever the voucher's currency; the rate that counts for S/ 700 turns them
(decision 18). Amounts that the caller gives beside a rate are claims: they are compared, never taken over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from app.documents.schemas.payment import on_credit
from app.documents.schemas.reading import Reading
from app.problems import Text
from sunat.documents import Detraction, Perception
from sunat.errors import FormatError
from sunat.money import EXACT, ZERO, cents, share
from sunat.taxes import Adjustment, Mismatch, Totals, in_currency, net_pending
from sunat.taxes.rates import DETRACTION, PERCEPTION, RETENTION, percentage_on

BASE: Final = "/header/additional/pe_header"
DOMESTIC: Final = "0101"
_PERCEPTION: Final = {"51": "01", "52": "02", "53": "03"}
"""Catalogue 53 -> catalogue 22."""
_RETENTION: Final = "01"
"""The kind of retention there is (catalogue 23)."""
_DEPOSIT: Final = "001"
_OPERATION_OF_GOODS: Final = {"004": "1002", "028": "1003"}
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """An adjustment worked out, with the amounts of the caller that differ."""

    adjustment: Adjustment
    mismatches: tuple[Mismatch, ...] = ()
    total: Decimal = ZERO


def operation_of(reading: Reading) -> str:
    """The type of operation (catalogue 51): as told, else what detraction, perception or withholding needs."""
    extra = reading.pe_header
    told: str = extra.get("operation_type", "")
    if told:
        return told
    if extra.get("detraction"):
        if any(reading.pe_detail(index).get("cargo_transport") for index in range(len(reading.details))):
            return "1004"
        return _OPERATION_OF_GOODS.get(extra["detraction"]["code"], "1001")
    if extra.get("perception"):
        return "2001"
    return "2002" if extra.get("income_withholding") else DOMESTIC


def income_withholding_of(
    reading: Reading, totals: Totals, _currency: str, _soles: Decimal | None
) -> Worked | None:
    """Income tax of the second category that the customer keeps back; it lowers what is to be paid."""
    told = reading.pe_header.get("income_withholding")
    if told is None:
        return None
    base: Decimal = told.get("base", totals.value)
    if told.get("rate") is None and told.get("amount") is None:
        reading.refuse(
            "CHQ-WITHHOLDING", f"{BASE}/income_withholding",
            "La retención de renta lleva un porcentaje o un monto", "Income tax withheld has a percentage or an amount",
            Text("Indique rate o amount", "Give rate or amount"),
        )
        return None
    if told.get("rate") is None:
        return Worked(adjustment=Adjustment(code="63", amount=told["amount"], base=base))
    return Worked(
        adjustment=Adjustment(code="63", percent=told["rate"], base=base),
        mismatches=_differs("income_withholding.amount", share(base, told["rate"]), told.get("amount"), base),
    )


def retention_of(
    reading: Reading, totals: Totals, _currency: str, _soles: Decimal | None
) -> Worked | None:
    """The IGV that an agent of retention will keep back; it changes nothing of what is to be paid."""
    told = reading.pe_header.get("retention")
    if told is None:
        return None
    base: Decimal = told.get("base", totals.payable)
    rate: Decimal = told.get("rate", percentage_on(RETENTION, _RETENTION, reading.header["issue_date"]) or ZERO)
    return Worked(
        adjustment=Adjustment(code="62", percent=rate, base=base),
        mismatches=_differs("retention.amount", share(base, rate), told.get("amount"), base),
    )


def perception_of(reading: Reading, totals: Totals, currency: str, soles: Decimal | None) -> Worked | None:
    """A perception, its ``total`` what is to be paid with it, in soles."""
    told = reading.pe_header.get("perception")
    if told is None:
        return None
    pointer = f"{BASE}/perception"
    if told["code"] not in _PERCEPTION:
        reading.refuse(
            "CHQ-CHARGE", f"{pointer}/code", f"{told['code']} no es una percepción del catálogo 53",
            f"{told['code']} is no perception of catalogue 53",
            Text("51 venta interna, 52 combustible, 53 tasa especial", "51 domestic sale, 52 fuel, 53 special rate"),
        )
        return None
    if soles is None:
        _refuse_rate(reading, "perception", currency)
        return None
    payable = cents(EXACT.multiply(totals.payable, soles))
    base: Decimal = told.get("base", payable)
    usual = percentage_on(PERCEPTION, _PERCEPTION[told["code"]], reading.header["issue_date"])
    rate: Decimal = told.get("rate", usual or ZERO)
    amount = share(base, rate)
    return Worked(
        adjustment=Adjustment(code=told["code"], percent=rate, base=base), total=payable + amount,
        mismatches=(
            *_differs("perception.amount", amount, told.get("amount"), base),
            *_differs("perception.total", payable + amount, told.get("total"), payable),
        ),
    )


def perception_content(beside: Sequence[Worked]) -> Perception | None:
    """The perception as the voucher's content has it."""
    totals = [worked.total for worked in beside if worked.adjustment.code in _PERCEPTION]
    return Perception(total=totals[0]) if totals else None


def detraction_of(
    reading: Reading, totals: Totals, currency: str, soles: Decimal | None
) -> Detraction | None:
    """The detraction, in soles: the caller's amount, or worked out of his rate."""
    told = reading.pe_header.get("detraction")
    if told is None:
        return None
    pointer = f"{BASE}/detraction"
    account = told.get("account") or reading.issuer.detraction_account
    if not account:
        reading.refuse(
            "3034", f"{pointer}/account", "Falta la cuenta del Banco de la Nación para la detracción",
            "The account at the Banco de la Nación for the detraction is missing",
            Text("Envíe account, o guárdela en pe_account.detraction_account",
                 "Send account, or keep it in pe_account.detraction_account"),
        )
    amount = _detracted(reading, told, totals, currency, soles)
    if amount is None:
        return None
    return Detraction(
        code=told["code"], percent=told.get("rate"), amount=amount, account=account,
        means=told.get("payment_means") or _DEPOSIT,
    )


def _detracted(
    reading: Reading, told: Mapping[str, Any], totals: Totals, currency: str, soles: Decimal | None
) -> Decimal | None:
    """Soles to be detracted. What the caller writes counts: SUNAT compares it with nothing, and thresholds differ.

    Where it is not the percentage of the whole, the rules remark on it (CHQ-DETRACTION-AMOUNT).
    """
    given: Decimal | None = told.get("amount")
    if given is not None:
        return given
    rate: Decimal | None = told.get("rate")
    if rate is None:
        reading.refuse(
            "3035", f"{BASE}/detraction/rate", "La detracción lleva un porcentaje o un monto",
            "A detraction has a percentage or an amount",
            _detraction_hint(reading, told["code"]),
        )
        return None
    if soles is None:
        _refuse_rate(reading, "detraction", currency)
        return None
    exact = EXACT.multiply(EXACT.multiply(totals.payable, soles), rate) / 100
    return exact.quantize(_ONE, rounding=ROUND_HALF_UP) if told.get("whole_soles") else cents(exact)


def _detraction_hint(reading: Reading, code: str) -> Text:
    """What to do, with the percentage that public tables give the code: a help, since SUNAT judges none."""
    usual = percentage_on(DETRACTION, code, reading.header["issue_date"])
    if usual is None:
        return Text("Indique rate, o amount en soles", "Give rate, or amount in soles")
    return Text(
        f"Indique rate, o amount en soles; las tablas públicas dan {usual} % al código {code}",
        f"Give rate, or amount in soles; public tables give code {code} {usual} %",
    )


def net_of(
    reading: Reading, totals: Totals, detraction: Detraction | None, currency: str, soles: Decimal | None
) -> Decimal:
    """What is owed to the issuer, in the voucher's currency: payable less detraction and retention.

    A detraction is in soles, so without a rate nobody knows what is left of a sale whose instalments are to be worked
    out.
    """
    paid_in = ZERO
    if detraction is not None and soles:
        paid_in = in_currency(detraction.amount, soles)
    elif detraction is not None and on_credit(reading):
        _refuse_rate(reading, "detraction", currency)
    try:
        return net_pending(totals, detraction=paid_in)
    except FormatError:
        reading.refuse(
            "CHQ-PENDING", f"{BASE}/detraction" if detraction is not None else f"{BASE}/retention",
            "La detracción y la retención son mayores que el importe por pagar",
            "Detraction and retention are larger than what is to be paid",
            Text("Revise sus montos; la detracción va en soles", "Check their amounts; a detraction is in soles"),
        )
        return totals.payable


def _refuse_rate(reading: Reading, member: str, currency: str) -> None:
    names = {"perception": Text("La percepción", "A perception"), "detraction": Text("La detracción", "A detraction")}
    name = names[member]
    reading.refuse(
        "CHQ-EXCHANGE-RATE", "/header/exchange_rate_value",
        f"{name.es} va en soles y no se conoce el tipo de cambio de {currency}",
        f"{name.en} is in soles and the exchange rate of {currency} is not known",
        Text("Envíe exchange_rate_value, los soles por unidad de la moneda",
             "Send exchange_rate_value, the soles for one unit of the currency"),
    )


def _differs(field: str, expected: Decimal, given: Decimal | None, base: Decimal) -> tuple[Mismatch, ...]:
    if given is None or given == expected:
        return ()
    return (Mismatch(field=field, expected=expected, given=given, steps=(base, expected)),)
