"""Everything that happens to a request before a number is taken: read, compute, compare, render, judge, relate.

The outcome is a Draft that can be numbered at any moment, or a Refused that names every fault in the caller's own
fields. Nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.almanac import rates
from app.almanac.standing import look_up
from app.clock import lima
from app.documents.judging import Manner, findings_of, mismatch_items
from app.documents.mailing import mail_remarks
from app.documents.relating import LedgerView, relate, target_by_id, target_record
from app.documents.schemas import TRANSLATORS, Drafted, FindTarget, Reading
from app.documents.schemas.reading import IssuerCard
from app.documents.sendable import refuse_unsendable
from app.documents.warning import as_remark, asked_of, issuer_lists, seller_ruc, warnings_of
from app.ledger.models import DocumentRecord
from app.problems import Item, Refused, Text, refusal
from app.series.models import SeriesRecord
from sunat.documents import Address, Target, Voucher
from sunat.errors import FormatError
from sunat.kinds import Kind
from sunat.numbering import MAX_NUMBER
from sunat.rules.context import NO_THIRD_CATEGORY, Context, Ledger
from sunat.schemas import Schemas
from sunat.ubl.render import Unnumbered, render

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_TOO_LARGE: Final = Item(
    code="2062", pointer="/details",
    message=Text("Los montos pasan de 12 enteros", "The amounts have more than 12 integer digits"),
    hint=Text("Revise cantidades, precios y porcentajes", "Check quantities, prices and percentages"),
)
_NRUS: Final = "nrus"
_ANONYMOUS: Final = {"dash": ("-", "-"), "dni_zeros": ("1", "00000000")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A voucher that may take a number. ``observations`` ride along; ``target`` is the row a note changes, if ours."""

    kind: Kind
    content: Voucher
    voucher: Unnumbered
    observations: tuple[Item, ...]
    target: DocumentRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """What a judgement may ask of the world when there is no database: nothing."""

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> None:
        """Knows no voucher."""


def draft(
    session: Session, account: AccountRecord, branch: BranchRecord, series: SeriesRecord, kind: Kind,
    body: Mapping[str, Any], *, now: datetime, schemas: Schemas | None = None, corrects: int | None = None,
) -> Draft:
    """Drafts a request for a series of the account. Raises Refused with every error and observation found.

    ``corrects`` is the voucher whose next edition it is to be.
    """
    refuse_unsendable(account, kind)
    moment = lima(now)
    reading = Reading(
        body=body, issuer=issuer_card(account, branch), today=moment.date(), now=moment.time().replace(microsecond=0),
        published=lambda currency, day: _sell_rate(session, currency, day), series=series.code,
    )
    drafted, voucher = _written(reading, kind, series.code, lambda number: target_by_id(session, account, number))
    target = target_record(session, account, drafted.content)
    reading.items += relate(
        session, account, drafted.content, target, moment.date(), rate=reading.header.get("exchange_rate_value"),
        exchange_rate=drafted.exchange_rate, corrects=corrects,
    )
    standing = look_up(session, (*asked_of(drafted.content), seller_ruc(drafted.content)))
    reading.items += warnings_of(session, standing, drafted.content, drafted.exchange_rate, moment.date())
    reading.items += mail_remarks(account, reading.header)
    known = LedgerView(session, account, besides=corrects)
    nobody = frozenset({NO_THIRD_CATEGORY}) if account.tax_regime == _NRUS else frozenset()
    context = Context(
        received=moment.date(), ledger=known, purchases=known, exchange_rate=drafted.exchange_rate,
        channel=account.channel, issuer_lists=issuer_lists(standing, drafted.content) | nobody,
    )
    manner = Manner(schemas=schemas, strict=account.strict_observations)
    found = findings_of(
        kind, drafted.content, voucher, min(series.last_number + 1, MAX_NUMBER), context, body, manner
    )
    observations = _passed(reading.items + [as_remark(item, standing) for item in found])
    return Draft(kind=kind, content=drafted.content, voucher=voucher, observations=observations, target=target)


def draft_offline(
    body: Mapping[str, Any], kind: Kind, issuer: IssuerCard, *, series: str, number: int, now: datetime
) -> tuple[Unnumbered, tuple[Item, ...]]:
    """Drafts a request without a database: the voucher and every error and observation about it.

    For the command line and for fixtures. Raises Refused when the body cannot be read into a voucher at all.
    """
    moment = lima(now)
    reading = Reading(
        body=body, issuer=issuer, today=moment.date(), now=moment.time().replace(microsecond=0), series=series
    )
    drafted, voucher = _written(reading, kind, series, _no_target)
    ledger: Ledger = Offline()
    context = Context(received=moment.date(), ledger=ledger, exchange_rate=drafted.exchange_rate)
    return voucher, tuple(reading.items + findings_of(kind, drafted.content, voucher, number, context, body))


def issuer_card(account: AccountRecord, branch: BranchRecord) -> IssuerCard:
    """The issuer as the account and the series' branch have him."""
    code, number = _ANONYMOUS[account.anonymous_customer]
    return IssuerCard(
        ruc=account.ruc, legal_name=account.legal_name, trade_name=account.trade_name,
        establishment_code=branch.establishment_code, reduced_igv=account.reduced_igv,
        anonymous_code=code, anonymous_number=number, detraction_account=account.detraction_account,
        address=Address(
            line=branch.address, ubigeo=branch.ubigeo, district=branch.district, province=branch.city,
            department=branch.department,
        ),
    )


def _written(reading: Reading, kind: Kind, series: str, find_target: FindTarget) -> tuple[Drafted, Unnumbered]:
    """Content and XML. What could not be read at all stops here, because no voucher stands behind it."""
    try:
        drafted = TRANSLATORS[kind.stem](reading, find_target)
    except InvalidOperation as error:  # digits beyond those of exact arithmetic, and far beyond SUNAT's twelve
        raise refusal([*reading.items, _TOO_LARGE]) from error
    reading.items += mismatch_items(drafted.mismatches, reading.body)
    if reading.refused:
        raise refusal(reading.items)
    _refuse_unprintable(reading)
    try:
        voucher = render(drafted.content, template=kind.template, series=series)
    except FormatError as error:
        raise Refused("CHQ-TEXT", Text(
            "Un texto contiene un carácter de control que el XML no admite", str(error)
        )) from error
    return drafted, voucher


def _passed(items: list[Item]) -> tuple[Item, ...]:
    """The observations. Raises Refused where there is an error among them."""
    if any(item.severity == "error" for item in items):
        raise refusal(items)
    return tuple(items)


def _sell_rate(session: Session, currency: str, day: date) -> Decimal | None:
    found = rates.ruling(session, currency, day)
    return found.sell if found is not None else None


def _no_target(_: int) -> Target | None:
    return None


def _refuse_unprintable(reading: Reading) -> None:
    """Names every text that XML cannot carry, or that a receiver's software will break on."""
    items = [item for pointer, value in _texts(reading.body, "") if (item := _unprintable(pointer, value))]
    if items:
        raise refusal(reading.items + items)


def _texts(value: Any, pointer: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(pointer, value)]
    if isinstance(value, Mapping):
        return [pair for key, member in value.items() for pair in _texts(member, f"{pointer}/{key}")]
    if isinstance(value, list):
        return [pair for index, member in enumerate(value) for pair in _texts(member, f"{pointer}/{index}")]
    return []


def _unprintable(pointer: str, value: str) -> Item | None:
    if "]]>" in value:
        return Item(
            code="CHQ-TEXT", pointer=pointer,
            message=Text('El texto contiene "]]>"', 'The text holds "]]>"'),
            hint=Text(
                "Quite esos tres caracteres: el software de quien recibe el XML suele romperse con ellos",
                "Remove those three characters: the software of those who receive the XML often breaks on them",
            ),
        )
    if _CONTROL.search(value):
        return Item(
            code="CHQ-TEXT", pointer=pointer,
            message=Text("El texto contiene un carácter de control", "The text holds a control character"),
            hint=Text("Envíe solo caracteres imprimibles", "Send printable characters only"),
        )
    return None
