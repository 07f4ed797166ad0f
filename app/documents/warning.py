"""What the almanac has to say of a voucher before it is numbered: remarks by SUNAT's registers, and the stopped rate.

A register is a file of some day, not SUNAT's answer, so what it says is a remark and never a refusal: under SUNAT's
own code where SUNAT too only observes (4013, 4014, 4439), under ours where SUNAT would refuse, with its code named.
Sources: validation workbook, lists of taxpayers; RS 037-2002/SUNAT art. 3 to 5 (retention), Ley 29173 art. 11
(perception).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from app.almanac.rates import SOLES
from app.almanac.register_files import RUC_STATE
from app.almanac.standing import Standing
from app.almanac.stops import stop_on
from app.documents.agency import PERCEPTION_AGENTS, RETENTION_AGENTS, agents_of, remark
from app.problems import Item, Text
from sunat.documents import Invoice, OriginalSale, PurchaseSettlement, Sale, Voucher, Withholding
from sunat.errors import FormatError
from sunat.identity import DNI, RUC, ruc_of_dni
from sunat.rules.context import OSE_ONLY, SUPERVISED
from sunat.taxes import FREE, IGV, reduced_percents
from sunat.taxes.rates import RETENTION, RETENTION_LIMIT, amount_on, percentage_on

_REDUCED: Final = "reduced-rate"
_LISTS: Final = {"ose-only": OSE_ONLY, "supervised": SUPERVISED}
_RESTS_ON: Final = {"1078": "ose-only", "1080": "supervised"}
"""The rules that ask for a list of SUNAT, and the register that is it."""
_ISSUER: Final = "/header/issuer_tax_id_code"
_CUSTOMER: Final = "/header/receiver_tax_id_code"
_RETAINED: Final = "/header/additional/pe_header/retention"
_PERCEIVED: Final = "/header/additional/pe_header/perception"
_RETENTION_CHARGE: Final = "62"
_ACTIVE: Final = "ACTIVO"
_FOUND: Final = "HABIDO"
_NOT_FOUND: Final = "NO HABIDO"


def asked_of(content: Voucher) -> tuple[str, str]:
    """The RUCs whose standing counts: the issuer's, and the customer's (empty for one without)."""
    customer = content.customer
    return content.issuer.identity_number, customer.identity_number if customer.identity_code == RUC else ""


def issuer_lists(standing: Standing, content: Voucher) -> frozenset[str]:
    """The lists of SUNAT on which the issuer is known to stand, as the rules ask for them."""
    issuer, day = content.issuer.identity_number, content.issue_date
    return frozenset(name for kind, name in _LISTS.items() if standing.listed(kind, issuer, day))


def as_remark(item: Item, standing: Standing) -> Item:
    """A finding of the rules as a remark where it rests on a register, which is no answer of SUNAT's."""
    kind = _RESTS_ON.get(item.code)
    if kind is None or kind not in standing.editions:
        return item
    return remark(item.code, item.pointer, standing.editions[kind], Text(
        f"{item.message.es.rstrip('.')}, y SUNAT lo rechazaría", f"{item.message.en.rstrip('.')}, and SUNAT would "
        "reject it",
    ), item.hint)


def warnings_of(
    session: Session, standing: Standing, content: Voucher, exchange_rate: Decimal | None, today: date
) -> list[Item]:
    """Every remark of the registers in use, and the refusal of a reduced rate that this installation has stopped.

    ``standing`` is that of the RUCs that count (`asked_of`), ``exchange_rate`` is soles for one unit of the content's
    currency, None for soles or where nobody knows it.
    """
    issuer, customer = asked_of(content)
    own_ruc = seller_ruc(content)
    items = []
    if standing.editions:
        items += [
            *_issuer(standing, issuer), *_customer(standing, customer),
            *_withheld(standing, content, issuer, customer, exchange_rate), *_seller(standing, own_ruc),
            *(agents_of(standing, content, issuer, customer) if isinstance(content, Withholding) else ()),
        ]
    lines = _reduced_lines(content) if isinstance(content, Sale) else []
    if lines:
        items += _stopped(session, content, lines, today) + _unlisted(standing, issuer, content.issue_date, lines)
    return items


def _issuer(standing: Standing, ruc: str) -> list[Item]:
    """The issuer's own state: SUNAT refuses his vouchers by it, and the number is spent."""
    as_of = standing.editions.get(RUC_STATE)
    found = standing.state_of(ruc)
    if as_of is None:
        return []
    if found is None:
        return [remark("CHQ-ISSUER-STATE", _ISSUER, as_of, Text(
            f"El RUC del emisor {ruc} no está", f"The issuer's RUC {ruc} is missing"
        ))]
    items = []
    if found.state != _ACTIVE:
        items.append(remark("CHQ-ISSUER-STATE", _ISSUER, as_of, Text(
            f"El emisor figura como {found.state} y SUNAT rechazaría por 2010",
            f"The issuer stands as {found.state}, and SUNAT would reject by 2010",
        )))
    if found.condition == _NOT_FOUND:
        items.append(remark("CHQ-ISSUER-STATE", _ISSUER, as_of, Text(
            f"El emisor figura como {found.condition} y SUNAT rechazaría por 2011",
            f"The issuer stands as {found.condition}, and SUNAT would reject by 2011",
        )))
    return items


def _customer(standing: Standing, ruc: str) -> list[Item]:
    as_of = standing.editions.get(RUC_STATE)
    if as_of is None or not ruc:
        return []
    found = standing.state_of(ruc)
    if found is None:
        return [remark("CHQ-CUSTOMER-UNKNOWN", _CUSTOMER, as_of, Text(
            f"El RUC {ruc} no está, y si no existe SUNAT lo rechaza por 1083",
            f"RUC {ruc} is missing, and one that does not exist is refused by SUNAT (1083)",
        ), Text("Revise el RUC, o traiga un padrón más nuevo", "Check the RUC, or bring a newer register"))]
    items = []
    if found.state != _ACTIVE:
        items.append(remark("4013", _CUSTOMER, as_of, Text(
            f"El RUC {ruc} figura como {found.state}", f"RUC {ruc} stands as {found.state}"
        )))
    if found.condition not in (_FOUND, ""):
        code = "4014" if found.condition == _NOT_FOUND else "CHQ-CUSTOMER-CONDITION"
        items.append(remark(code, _CUSTOMER, as_of, Text(
            f"El RUC {ruc} tiene condición {found.condition}", f"RUC {ruc} has the condition {found.condition}"
        )))
    return items


def seller_ruc(content: Voucher) -> str:
    """The RUC that the seller of a settlement would have by his DNI; empty for every other voucher."""
    if not isinstance(content, PurchaseSettlement) or content.customer.identity_code != DNI:
        return ""
    try:
        return ruc_of_dni(content.customer.identity_number)
    except FormatError:  # the rules say that it is no DNI
        return ""


def _seller(standing: Standing, ruc: str) -> list[Item]:
    """A seller with a RUC of his own issues vouchers himself."""
    found = standing.state_of(ruc) if ruc else None
    if found is None or found.state != _ACTIVE:
        return []
    return [remark("CHQ-SELLER-RUC", _CUSTOMER, standing.editions[RUC_STATE], Text(
        f"El vendedor tiene el RUC {ruc}, activo, y SUNAT rechazaría por 2462",
        f"The seller has RUC {ruc}, active, and SUNAT would reject by 2462",
    ), Text("Pídale su comprobante", "Ask him for a voucher of his own"))]


def _withheld(
    standing: Standing, content: Voucher, issuer: str, customer: str, exchange_rate: Decimal | None
) -> list[Item]:
    """Retention and perception, where the lists of agents say otherwise than the voucher."""
    if not isinstance(content, OriginalSale):
        return []
    day, items = content.issue_date, []

    def listed(kind: str, ruc: str) -> bool | None:
        return standing.listed(kind, ruc, day) if ruc else False if kind in standing.editions else None

    retention_day = standing.editions.get(RETENTION_AGENTS, day)
    if any(charge.code == _RETENTION_CHARGE for charge in content.totals.allowances):
        if listed(RETENTION_AGENTS, customer) is False:
            items.append(remark("CHQ-RETENTION-CUSTOMER", _RETAINED, retention_day, Text(
                "El cliente no es agente de retención y SUNAT rechazaría la retención (62) por 3262",
                "The customer is no withholding agent, and SUNAT would reject the retention (62) by 3262",
            )))
        if listed(RETENTION_AGENTS, issuer):
            items.append(remark("CHQ-RETENTION-ISSUER", _RETAINED, retention_day, Text(
                "El emisor es agente de retención y SUNAT rechazaría la retención (62) por 3269",
                "The issuer is a withholding agent, and SUNAT would reject the retention (62) by 3269",
            )))
    elif _is_likely_retained(content, listed, issuer, customer, exchange_rate):
        percent = percentage_on(RETENTION, "01", day)
        items.append(remark("CHQ-RETENTION-LIKELY", _CUSTOMER, retention_day, Text(
            f"El cliente es agente de retención: le pagará reteniendo {percent} % (RS 037-2002/SUNAT)",
            f"The customer is a withholding agent: he will keep {percent} % back (RS 037-2002/SUNAT)",
        ), Text(
            "Si corresponde, dígalo en pe_header.retention (cargo 62)",
            "If it applies, say so in pe_header.retention (charge 62)",
        )))
    if content.perception is not None:
        perception_day = standing.editions.get(PERCEPTION_AGENTS, day)
        if listed(PERCEPTION_AGENTS, issuer) is False:
            items.append(remark("CHQ-PERCEPTION-ISSUER", _PERCEIVED, perception_day, Text(
                "El emisor no es agente de percepción", "The issuer is no perception agent"
            )))
        if isinstance(content, Invoice) and listed(RETENTION_AGENTS, customer):
            items.append(remark("CHQ-PERCEPTION-CUSTOMER", _PERCEIVED, retention_day, Text(
                "A un agente de retención no se le cobra percepción (Ley 29173, art. 11)",
                "No perception is collected from a withholding agent (Ley 29173, art. 11)",
            )))
    return items


def _is_likely_retained(
    content: OriginalSale, listed: Callable[[str, str], bool | None], issuer: str, customer: str,
    exchange_rate: Decimal | None,
) -> bool:
    """A factura with IGV above the limit, to an agent, by nobody the norm leaves out; no detraction, no perception."""
    if not isinstance(content, Invoice) or not listed(RETENTION_AGENTS, customer):
        return False
    if content.detraction is not None or content.perception is not None:
        return False
    if listed(RETENTION_AGENTS, issuer) or listed(PERCEPTION_AGENTS, issuer):
        return False
    rate = Decimal(1) if content.currency == SOLES else exchange_rate
    taxed = any(tax.tribute == IGV and tax.amount for tax in content.totals.taxes)
    try:
        limit = amount_on(RETENTION_LIMIT, content.issue_date)
    except FormatError:  # of a day before there were retentions
        return False
    return taxed and rate is not None and content.totals.payable * rate > limit


def _reduced_lines(content: Sale) -> list[tuple[int, Decimal]]:
    """The lines that bear the reduced rate, by position, with the percentage."""
    percents = reduced_percents()
    return [
        (index, tax.rate) for index, line in enumerate(content.lines) for tax in line.amounts.taxes
        if tax.tribute in (IGV, FREE) and tax.base and tax.rate is not None and tax.rate in percents
    ]


def _stopped(session: Session, content: Voucher, lines: list[tuple[int, Decimal]], today: date) -> list[Item]:
    """New sales only: a note must still be able to follow what it changes."""
    stop = stop_on(session, content.issue_date, today) if isinstance(content, OriginalSale) else None
    if stop is None:
        return []
    index, rate = lines[0]
    since = stop.from_day.isoformat()
    return [Item(
        code="CHQ-REDUCED-STOPPED", pointer=_taxes(index),
        message=Text(
            f"La tasa reducida ({rate} %) está detenida aquí desde el {since}: {stop.reason}",
            f"The reduced rate ({rate} %) has been stopped here since {since}: {stop.reason}",
        ),
        hint=Text(
            "Espere a que quien opera el sistema la permita de nuevo, o emita con la tasa general",
            "Wait until whoever runs the system allows it again, or issue with the general rate",
        ),
    )]


def _unlisted(standing: Standing, issuer: str, day: date, lines: list[tuple[int, Decimal]]) -> list[Item]:
    if standing.listed(_REDUCED, issuer, day) is not False:
        return []
    index, rate = lines[0]
    return [remark("4439", _taxes(index), standing.editions[_REDUCED], Text(
        f"El emisor no está entre quienes usan la tasa de {rate} %",
        f"The issuer is not among those who use the rate of {rate} %",
    ), Text("Sin esa condición rige la tasa general", "Without it the general rate rules"))]


def _taxes(index: int) -> str:
    return f"/details/{index}/taxes"
