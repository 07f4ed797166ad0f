"""``/V1/exchange_rates``: the rates every account is judged by. All may read them, operators write them.

They are public facts and the installation's own, not a tenant's; whoever has agreed on another rate sends it with the
voucher (``exchange_rate_value``), where it counts first.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.auth import Principal, principal, requires
from app.accounts.keys import RATES_WRITE
from app.accounts.models import AccountRecord
from app.accounts.once import once, writing
from app.almanac import rates
from app.almanac.rates import DayRate
from app.almanac.schemas import RatesAnswer, RatesChange, RatesQuery, RatesRequest, body_of
from app.http import ApiBlueprint, office
from app.problems import Conflict, Forbidden, Item, Malformed, Text, refusal

blueprint = ApiBlueprint(
    "exchange_rates", __name__, url_prefix="/V1/exchange_rates",
    description="Soles for one unit of another currency, by day",
)
_MONTH: Final = timedelta(days=31)
_LONGEST: Final = timedelta(days=366)


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.route("")
class ExchangeRates(MethodView):
    """The rates."""

    @requires("accounts:read")
    @blueprint.arguments(RatesQuery, location="query")
    @blueprint.response(200, RatesAnswer)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Read rates: of a span of days, or with ``day`` the one that rules on that day.

        A day without publication takes the last one before it, within seven days; the list is empty where none is
        known.
        """
        with office().database.read() as session:
            found = _ruling(session, query) if "day" in query else _between(session, query)
        return {"rates": [body_of(rate) for rate in found]}

    @requires(RATES_WRITE)
    @once
    @blueprint.arguments(RatesRequest)
    @blueprint.arguments(RatesChange, location="query")
    @blueprint.response(200, RatesAnswer)
    def put(self, given: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
        """Keep rates, all of them or none; the same again changes nothing. ``dry_run=1`` only tells what would change.

        For operators. A test key changes nothing that live accounts are judged by.
        """
        services, asking, dry_run = office(), principal(), bool(query["dry_run"])
        wanted = _checked(given["rates"], services.clock.today())
        try:
            with writing() as session:
                _check_mode(session, asking)
                everything = session.begin_nested()
                kept = rates.keep(session, wanted, actor=asking.actor, now=services.clock.now())
                if dry_run:
                    everything.rollback()
        except IntegrityError as error:
            raise Conflict("RATES_BUSY", Text(
                "Otra solicitud guardaba los mismos días", "Another request was keeping the same days"
            ), hint=Text("Repita la solicitud", "Repeat the request")) from error
        return {
            "dry_run": dry_run, "changes": sum(each.outcome != "unchanged" for each in kept),
            "rates": [
                body_of(
                    each.rate, outcome=each.outcome,
                    former_sell=f"{each.former:f}" if each.former is not None else None,
                )
                for each in kept
            ],
        }


def _ruling(session: Session, query: dict[str, Any]) -> list[DayRate]:
    if "currency" not in query:
        raise Malformed("CURRENCY", Text(
            "Con day hay que nombrar la moneda", "With day the currency must be named"
        ), pointer="/currency")
    found = rates.ruling(session, query["currency"], query["day"])
    return [found] if found is not None else []


def _between(session: Session, query: dict[str, Any]) -> list[DayRate]:
    last: date = query.get("last", office().clock.today() + timedelta(days=1))
    first: date = query.get("first", last - min(_MONTH, last - date.min))
    if last - first > _LONGEST:
        raise Malformed("SPAN", Text("Pida hasta un año", "Ask for a year at most"), pointer="/from")
    return rates.between(session, query.get("currency"), first, last)


def _checked(given: list[dict[str, Any]], today: date) -> list[DayRate]:
    """The rates of a body. Raises Refused with everything that is wrong with them."""
    wanted: dict[tuple[str, date], DayRate] = {}
    wrong: list[Item] = []
    for index, row in enumerate(given):
        rate = DayRate(**row)
        wrong += [
            Item(code="RATE", pointer=f"/rates/{index}/{member}", message=text)
            for member, text in rates.faults_of(rate, today)
        ]
        if wanted.setdefault((rate.currency, rate.day), rate) is not rate:
            wrong.append(Item(code="TWICE", pointer=f"/rates/{index}", message=Text(
                "Ese día de la moneda está dos veces", "That day of the currency is there twice"
            )))
    if wrong:
        raise refusal(wrong)
    return list(wanted.values())


def _check_mode(session: Session, asking: Principal) -> None:
    if asking.mode == "live":
        return
    if session.scalar(select(AccountRecord.id).where(AccountRecord.environment == "live").limit(1)) is not None:
        raise Forbidden("LIVE_RATES", Text(
            "Hay cuentas live: los tipos de cambio se escriben con una clave de operador live",
            "There are live accounts: rates are written with a live operator key",
        ))
