"""What certificates of retention and of perception share when a request becomes content.

Amounts that the caller gives are used as they are, those left out are worked out; a given one that differs from the
law's by no more than SUNAT tolerates is told, one beyond that is for the rules to refuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypedDict

from app.documents.schemas.certificate_body import Form
from app.documents.schemas.note import FindTarget, type_code_of
from app.documents.schemas.parties import customer_of, issuer_of
from app.documents.schemas.reading import Reading
from app.documents.schemas.sale import remark_of
from app.problems import Text
from app.wire.currencies import CURRENCIES
from sunat.catalogues import catalogue
from sunat.documents import ExchangeRate, PaidVoucher, Party, Withholding
from sunat.errors import FormatError
from sunat.identity import DNI, RUC
from sunat.money import ZERO, total
from sunat.numbering import parse_number
from sunat.taxes.withholding import withhold

_SOLES: Final = "PEN"
_CREDIT_NOTE: Final = "07"
_TOLERANCE: Final = Decimal(1)
"""How far, in soles, SUNAT lets a row be from the percentage (2608, 2623)."""

_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """Where one of the two kinds differs: its content, its wire form, its catalogue of regimes."""

    model: type[Withholding]
    form: Form
    catalogue: str


class Shared(TypedDict):
    """The members of ``sunat.documents.Withholding`` that both kinds fill alike."""

    issue_date: Any
    issue_time: Any
    currency: str
    issuer: Party
    customer: Party
    remark: str
    signature_id: str
    system: str
    percent: Decimal
    vouchers: tuple[PaidVoucher, ...]
    amount: Decimal
    net: Decimal
    rounding: Decimal


def shared_of(reading: Reading, regime: Regime, find_target: FindTarget) -> Shared:
    """Reads all that both kinds say; what is wrong is noted in ``reading``."""
    told, form = regime.form.told(reading.body), regime.form
    if reading.header.get("currency_id", "7") != "7":
        reading.refuse(
            form.codes["currency"], "/header/currency_id", "El comprobante va en soles, sea cual sea la moneda pagada",
            "The certificate is in soles, whatever currency was paid",
            Text(f"Use 7 aquí y la otra moneda en {form.details}.currency_id",
                 f"Use 7 here and the other currency in {form.details}.currency_id"),
        )
    system, percent = _regime(reading, regime, told)
    vouchers = _vouchers(reading, regime, percent, find_target)
    counted = [row for row in vouchers if row.type_code not in {_CREDIT_NOTE, regime.model.TYPE_CODE}]
    rounding = told.get("rounding_amount", ZERO)
    net = told.get(form.whole["net"])
    return Shared(
        issue_date=reading.header["issue_date"], issue_time=reading.pe_header.get("issue_time", reading.now),
        currency=_SOLES, issuer=issuer_of(reading), customer=_other_party(reading), remark=remark_of(reading),
        signature_id=reading.pe_header.get("signature_id", ""), system=system, percent=percent, vouchers=vouchers,
        amount=total(row.amount or ZERO for row in counted), rounding=rounding,
        net=total(row.net or ZERO for row in counted) + rounding if net is None else net,
    )


def _other_party(reading: Reading) -> Party:
    """The supplier or customer. SUNAT takes no address abroad (2548), and callers name odd countries."""
    party = customer_of(reading, may_be_anonymous=False)
    address = party.address
    if address is None or address.country == "PE":
        return party
    country = "PE" if party.identity_code in {RUC, DNI} else ""
    return replace(party, address=replace(address, country=country))


def _regime(reading: Reading, regime: Regime, told: Mapping[str, Any]) -> tuple[str, Decimal]:
    """Regime and percentage; a percentage left out is the regime's."""
    form, known = regime.form, catalogue(regime.catalogue)
    system = told.get(form.whole["system"], "")
    system = system.zfill(2) if system.isdigit() else system
    percent: Decimal | None = told.get(form.whole["percent"])
    if system not in known and (not system or percent is None):
        reading.refuse(
            form.codes["regime"], form.pointer("system"), f"Falta un régimen del catálogo {regime.catalogue}",
            f"A regime of catalogue {regime.catalogue} is missing",
            Text(*(", ".join(f"{entry.code} {entry.attributes['rate']} %" for entry in known),) * 2),
        )
    if percent is not None and percent <= 0:
        reading.refuse(
            "CHQ-PERCENT", form.pointer("percent"), "La tasa debe ser mayor que cero",
            "The percentage must be greater than zero",
            Text("Omítala: es la del régimen", "Leave it out: it is the regime's"),
        )
        return system, _ONE
    if percent is None:
        percent = Decimal(known[system].attributes["rate"]) if system in known else _ONE
    return system, percent


def _vouchers(
    reading: Reading, regime: Regime, percent: Decimal, find_target: FindTarget
) -> tuple[PaidVoucher, ...]:
    if not reading.references:
        reading.refuse(
            "REQUIRED", "/references", "Faltan los comprobantes pagados", "The vouchers that were paid are missing",
            Text(f"Envíe una fila por pago, con additional.{regime.form.details}",
                 f"Send a row for each payment, with additional.{regime.form.details}"),
        )
    seen: Counter[str] = Counter()
    rows = []
    for index, row in enumerate(reading.references):
        read = _Row(reading=reading, regime=regime, index=index, given=row, told=regime.form.told_of(row))
        voucher = read.voucher(find_target)
        seen[voucher.number] += 1
        rows.append(read.paid(voucher, percent, order=seen[voucher.number]))
    return tuple(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One reference being read."""

    reading: Reading
    regime: Regime
    index: int
    given: Mapping[str, Any]
    told: Mapping[str, Any]

    def member(self, field: str) -> Any:
        return self.told.get(self.regime.form.row[field])

    def refuse(self, code: str, field: str, es: str, en: str, hint: Text) -> None:
        self.reading.refuse(code, self.regime.form.pointer(field, self.index), es, en, hint)

    def voucher(self, find_target: FindTarget) -> PaidVoucher:
        """The voucher itself, without its payment."""
        number, document_id = self.given.get("reference_number"), self.given.get("reference_document_id")
        day = self.given.get("reference_date")
        type_code, written = "", ""
        if (number is None) == (document_id is None):
            self.refuse(
                "REFERENCE", "", "Indique el comprobante por reference_number o por reference_document_id",
                "Name the voucher by reference_number or by reference_document_id",
                Text("Por ejemplo reference_number F001-87", "For example reference_number F001-87"),
            )
        elif document_id is not None:
            found = find_target(document_id)
            if found is None:
                self.reading.refuse(
                    "DOCUMENT_NOT_FOUND", f"/references/{self.index}/reference_document_id",
                    "Ese comprobante no existe en la cuenta", "The account has no such document",
                    Text("Use reference_number", "Use reference_number"),
                )
            else:
                type_code, written, day = found.type_code, found.text, found.issue_date or day
        else:
            type_code = type_code_of(self.reading, self.given, self.index)
            written = _unpadded(f"{self.given['series']}-{number}" if self.given.get("series") else str(number))
        if day is None:
            self.refuse(
                "REQUIRED", "issue_date", "Falta la fecha de emisión del comprobante pagado",
                "The issue date of the voucher that was paid is missing",
                Text("Envíe reference_date", "Send reference_date"),
            )
        whole = self.member("total")
        if whole is None:
            self.refuse(
                "2696", "total", "Falta el importe total del comprobante pagado",
                "The total of the voucher that was paid is missing",
                Text("Envíe reference_total_invoice_amount", "Send reference_total_invoice_amount"),
            )
        return PaidVoucher(
            type_code=type_code, number=written, issue_date=day or self.reading.today, currency=self._currency(),
            total=ZERO if whole is None else whole,
        )

    def paid(self, voucher: PaidVoucher, percent: Decimal, *, order: int) -> PaidVoucher:
        """The voucher with its payment; ``order`` is its place among the payments of one voucher."""
        form, paid, day = self.regime.form, self.member("paid"), self.member("paid_on")
        if voucher.type_code == _CREDIT_NOTE:
            if paid is not None:
                self.reading.remark(
                    "CHQ-NOTE-PAYMENT", form.pointer("paid", self.index), "Una nota de crédito no lleva pago; se omite",
                    "A credit note has no payment; it is left out",
                )
            return voucher
        if paid is None or paid <= 0:
            self.refuse(
                form.codes["paid" if paid is None else "positive"], "paid",
                "Falta el importe del pago, mayor que cero", "The amount of the payment, above zero, is missing",
                Text(f"Envíe {form.row['paid']}", f"Send {form.row['paid']}"),
            )
        if day is None:
            self.refuse(
                form.codes["paid_on"], "paid_on", "Falta la fecha del pago", "The day of the payment is missing",
                Text(f"Envíe {form.row['paid_on']}", f"Send {form.row['paid_on']}"),
            )
        rate = self._rate(voucher.currency, self.member("rate.day") or day or self.reading.today)
        if paid is None or paid <= 0 or day is None or (rate is None and voucher.currency != _SOLES):
            return voucher
        law = withhold(paid, percent, rate=rate.rate if rate else _ONE, added=self.regime.model.ADDED)
        amount = self._told("amount", law.amount)
        net = self._told("net", law.base + amount if self.regime.model.ADDED else law.base - amount)
        return replace(
            voucher, payment_id=self.member("payment_id") or str(order), paid=paid, paid_on=day, amount=amount,
            withheld_on=self.member("withheld_on") or day, net=net, rate=rate,
        )

    def _told(self, field: str, expected: Decimal) -> Decimal:
        """The caller's amount where he gives one; what the rules would let pass unsaid is said here."""
        given: Decimal | None = self.member(field)
        if given is None:
            return expected
        if given != expected and abs(given - expected) <= _TOLERANCE:
            self.reading.remark(
                "CHQ-WITHHELD", self.regime.form.pointer(field, self.index),
                f"Por la tasa es {expected} y llegó {given}; vale el suyo",
                f"By the percentage it is {expected} and {given} was given; yours counts",
                Text("Omítalo: se calcula", "Leave it out: it is worked out"),
            )
        return given

    def _currency(self) -> str:
        number = self.member("currency") or "7"
        if number not in CURRENCIES:
            self.refuse(
                "UNKNOWN_CURRENCY", "currency", f"No existe la moneda {number}", f"There is no currency {number}",
                Text("7 PEN, 5 USD o 38 EUR", "7 PEN, 5 USD or 38 EUR"),
            )
        return CURRENCIES.get(number, _SOLES)

    def _rate(self, currency: str, day: Any) -> ExchangeRate | None:
        """The exchange rate: the caller's, else the published one. None for soles, where only 1 may be said."""
        told: Decimal | None = self.member("rate.rate")
        if told is not None and (told <= 0 or (currency == _SOLES and told != _ONE)):
            self.refuse(
                "EXCHANGE_RATE", "rate.rate", f"El tipo de cambio no puede ser {told:f} para {currency}",
                f"The exchange rate of {currency} cannot be {told:f}",
                Text("Envíe los soles por unidad de la moneda, u omítalo", "Send soles for one unit, or leave it out"),
            )
            return None
        if currency == _SOLES:
            return None
        rate = told or self.reading.published(currency, day)
        if rate is None:
            self.refuse(
                "2721", "rate.rate", f"No hay tipo de cambio de {currency} para el {day.isoformat()}",
                f"There is no exchange rate of {currency} for {day.isoformat()}",
                Text("Envíe calculation_rate, o importe los tipos de cambio",
                     "Send calculation_rate, or import the exchange rates"),
            )
            return None
        return ExchangeRate(currency=currency, rate=rate, day=day)


def _unpadded(written: str) -> str:
    """Series and number as SUNAT writes them; what is no voucher number (a ticket's) stays as it is."""
    try:
        series, number = parse_number(written)
    except FormatError:
        return written
    return f"{series}-{number}"
