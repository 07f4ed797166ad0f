"""Asking: what the authority holds under a number, and whether it is our file.

A query never settles by silence: an answer that cannot be read, or that says nothing, leaves things as they are. A
CDR that comes back is looked at as closely as one that answers a sending.
"""

from __future__ import annotations

from app.delivery import outcomes
from app.delivery.breakers import door_of
from app.delivery.matching import Match, match, pins_of, proven_by_hash, read_ours
from app.delivery.outcomes import Course
from app.delivery.parcels import MOST_KEPT, Parcel, Report, failed
from app.delivery.protocol import Action
from app.delivery.routes import COMPARING, Way, way_to_ask, way_to_compare
from app.delivery.sending import bounds_of, way_or_report
from app.http import Office
from app.ledger.lifecycle import Phase, Status
from sunat.cdr import Cdr
from sunat.errors import CdrError, Fault, NotSent, TransportError
from sunat.outcomes import Class, Comparison, Finding, class_of, comparison_of, finding_of
from sunat.transport import ConsultService, Exchange, RestConsult, State, ValidityService

_NOBODY = "No hay a quién preguntar por este comprobante: registre las credenciales de consulta de la cuenta"
_STATUS = {Finding.REJECTED: Status.REJECTED, Finding.VOIDED: Status.VOIDED}
_TRUST = "La constancia recibida no es de confianza (firma o resumen del archivo)"
_KEPT = "kept"
"""The operation of an attempt that found the CDR among what an earlier one had left."""


def ask(office: Office, parcel: Parcel, action: Action, exchange: Exchange) -> Report:
    """Asks about the parcel's voucher, or has its file compared, and says what came of it."""
    if parcel.kept_cdr is not None:
        return kept_report(parcel, parcel.kept_cdr)
    choose = way_to_compare if action is Action.COMPARE else way_to_ask
    way = way_or_report(lambda: choose(office, parcel.account, parcel.voucher), str(action))
    if isinstance(way, Report):
        return way
    if way is None:
        return Report(
            course=outcomes.NOBODY_TO_ASK, result="not_sent", operation=str(action), address="", text=_NOBODY
        )
    try:
        state = _asked(office, parcel, way, exchange)
    except TransportError as error:
        return _failed(parcel, way, error)
    if state.content:
        return _with_cdr(office, parcel, way, state, action)
    if way.operation == COMPARING:
        return _told(parcel, way, state, outcomes.COMPARISONS[comparison_of(state.code)])
    return _stated(parcel, way, state, action)


def kept_report(parcel: Parcel, kept_cdr: bytes) -> Report:
    """The report of an attempt that finds the CDR which an earlier one left."""
    kept = read_ours(parcel, kept_cdr)
    return Report(
        course=outcomes.SETTLED, result="answered", operation=_KEPT, address="", code=kept.code,
        text=kept.description, cdr=kept,
    )


def _asked(office: Office, parcel: Parcel, way: Way, exchange: Exchange) -> State:
    voucher, bounds = parcel.voucher, bounds_of(office)
    if way.client is not None:
        consult = RestConsult(way.token_address, way.address, bounds=bounds, exchange=exchange)
        return consult.check(
            voucher, parcel.criteria, way.client, caller_ruc=parcel.account.ruc, now=office.clock.now()
        )
    assert way.credentials is not None  # noqa: S101 - a way without a client has a user
    if way.operation == "getStatusCdr":
        return ConsultService(way.address, bounds=bounds, exchange=exchange).status_cdr(voucher, way.credentials)
    validity = ValidityService(way.address, bounds=bounds, exchange=exchange)
    if way.operation == COMPARING:
        return validity.by_file(voucher, parcel.xml, way.credentials)
    return validity.by_criteria(voucher, parcel.criteria, way.credentials)


def _failed(parcel: Parcel, way: Way, error: TransportError) -> Report:
    """Credentials that the SOL services refuse stop the issuer; whatever else fails says nothing of the voucher."""
    refused = isinstance(error, Fault) and way.credentials is not None and class_of(error) is Class.CREDENTIALS
    course = outcomes.COURSES[Class.CREDENTIALS] if refused else outcomes.FINDINGS[Finding.NOTHING]
    result = "fault" if isinstance(error, Fault) else "not_sent" if isinstance(error, NotSent) else "unknown"
    return failed(
        course, error, operation=way.operation, address=way.address, door=door_of(parcel),
        text=error.text if isinstance(error, Fault) else str(error),
        code=error.code if isinstance(error, Fault) else "", result=result,
    )


def _with_cdr(office: Office, parcel: Parcel, way: Way, state: State, action: Action) -> Report:
    try:
        cdr = read_ours(parcel, state.content)
    except CdrError as error:
        return _told(
            parcel, way, state, outcomes.FINDINGS[Finding.NOTHING], text=str(error),
            evidence=("cdr_unread", state.content[:MOST_KEPT]),
        )
    found = match(parcel, cdr, pins_of(office.settings.cdr_pins, parcel.account.environment))
    doubted = action is Action.COMPARE or parcel.phase is Phase.STRANGE
    proven = found is Match.OURS and proven_by_hash(parcel, cdr)
    if found is Match.FOREIGN or (doubted and cdr.document_hash and not proven):
        return _told(parcel, way, state, outcomes.FOREIGN, evidence=("cdr_foreign", state.content))
    if found is Match.UNTRUSTED:
        return _told(
            parcel, way, state, outcomes.FINDINGS[Finding.NOTHING], text=_TRUST,
            evidence=("cdr_unread", state.content[:MOST_KEPT]),
        )
    if doubted:
        course = outcomes.COMPARISONS[Comparison.SAME] if proven else outcomes.FINDINGS[Finding.PRESENT]
        return _told(parcel, way, state, course, evidence=("cdr_unproven", state.content))
    return _told(parcel, way, state, outcomes.SETTLED, cdr=cdr, evidence=("cdr", state.content))


def _stated(parcel: Parcel, way: Way, state: State, action: Action) -> Report:
    """What a state without a CDR says. Where no CDR can ever come back, "accepted" is all there will be."""
    finding = finding_of(way.operation, state.code)
    if finding is Finding.REJECTED and parcel.phase is Phase.DOUBT and parcel.corrected:
        # of the former edition, as far as anybody knows: the same bytes go again, and their CDR will tell
        return _told(parcel, way, state, outcomes.FINDINGS[Finding.ABSENT])
    if action is Action.COMPARE:
        comparison = Comparison.ABSENT if finding is Finding.ABSENT else Comparison.NOTHING
        return _told(parcel, way, state, outcomes.COMPARISONS[comparison])
    if parcel.phase is Phase.STRANGE and finding not in {Finding.ABSENT, Finding.NOTHING}:
        return _told(parcel, way, state, outcomes.FINDINGS[Finding.PRESENT])
    if finding is Finding.ACCEPTED and not way.gives_cdr:
        return _told(parcel, way, state, outcomes.SETTLED, status=Status.ACCEPTED)
    return _told(parcel, way, state, outcomes.FINDINGS[finding], status=_STATUS.get(finding))


def _told(
    parcel: Parcel, way: Way, state: State, course: Course, *, text: str = "", cdr: Cdr | None = None,
    status: Status | None = None, evidence: tuple[str, bytes] | None = None,
) -> Report:
    return Report(
        course=course, result="answered", operation=way.operation, address=way.address, door=door_of(parcel),
        code=cdr.code if cdr else state.code, text=text or (cdr.description if cdr else state.message),
        http_status=state.http_status, request_sha256=state.request_sha256, response_sha256=state.response_sha256,
        evidence=evidence or ("state", state.body[:MOST_KEPT]), cdr=cdr, status=status,
    )
