"""One account: its certificate, its stored secrets, its series, what is stopped, its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.certificates import active_certificate, opened, refused
from app.accounts.models import AccountRecord
from app.accounts.operations import SECRETS, branches_of, secret_of
from app.accounts.vault import VaultError
from app.clock import lima
from app.delivery.holds import held_issuer
from app.doctor.rows import Row, bad, ok, span, warn
from app.http import Office
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import DeliveryRecord
from app.problems import Text
from app.series.models import SeriesRecord
from app.series.operations import series_of
from app.webhooks.fanning import LIFE
from app.webhooks.models import DISABLED, FAILED, REMOVED, WAITING, NoticeRecord, WebhookRecord
from sunat.errors import CertificateError
from sunat.numbering import SERIES_FORMATS, near_end, remaining
from sunat.signing import check_certificate

SOON_DAYS: Final = 30
"""Days before a certificate's end from which one is warned, as SUNAT's procedure to replace it takes some."""

_MOST: Final = 5
"""So many findings of one check are told; the others are counted."""

_NEAR: Final = timedelta(hours=24)
_TROUBLED: Final = timedelta(hours=1)
_RECENT: Final = timedelta(days=3)
_OPEN: Final = tuple(str(state) for state in DeliveryState if state is not DeliveryState.DONE)


def rows(office: Office, session: Session, account: AccountRecord, now: datetime) -> Iterator[Row]:
    """The rows about one account that need nobody else."""
    yield _certificate(office, session, account, now)
    yield _secrets(office, account)
    yield from _few(list(_series(session, account)), Text("Todas listas para emitir", "All ready to issue"))
    yield _sending(session, account, now)
    yield _webhooks(session, account, now)


def _certificate(office: Office, session: Session, account: AccountRecord, now: datetime) -> Row:
    upload = Text(
        "Suba un certificado vigente a nombre del RUC y regístrelo en SOL",
        "Upload one in force that names the RUC, and register it in SOL",
    )
    row = active_certificate(session, account.id)
    if row is None:
        return bad("certificate", Text("La cuenta no tiene certificado", "The account has none"), upload)
    try:
        check_certificate(
            opened(office.vault, account, row), ruc=account.ruc, now=now,
            also_allowed_rucs=(account.pse_ruc,) if account.pse_ruc else (),
        )
    except CertificateError as error:
        return bad("certificate", refused(error).text, upload)
    except VaultError:
        return bad("certificate", Text(
            "Su clave no se puede abrir en esta instalación", "Its key does not open in this installation"
        ), Text("Vuelva a subirlo, o reponga la clave maestra", "Upload it again, or put the master key back"))
    days = (row.valid_to - now).days
    until = lima(row.valid_to).date().isoformat()
    seen = Text(
        f"{row.holder[:60]}, vence el {until} (quedan {days} días)",
        f"{row.holder[:60]}, ends on {until} ({days} days left)",
    )
    return warn("certificate", seen, upload) if days < SOON_DAYS else ok("certificate", seen)


def _secrets(office: Office, account: AccountRecord) -> Row:
    kept, shut = [], []
    for name in SECRETS:
        try:
            if secret_of(office.vault, account, name) is not None:
                kept.append(name)
        except VaultError:
            shut.append(name)
    if shut:
        named = ", ".join(shut)
        return bad("secrets", Text(f"No se pueden abrir: {named}", f"These do not open: {named}"), Text(
            "Vuelva a escribirlos, o reponga la clave maestra con la que se guardaron",
            "Write them again, or put the master key back that they were stored under",
        ))
    named = ", ".join(kept)
    return ok("secrets", Text(f"Se abren: {named or 'ninguno guardado'}", f"They open: {named or 'none stored'}"))


def _series(session: Session, account: AccountRecord) -> Iterator[Row]:
    """What is wrong with the series that number vouchers."""
    found = session.scalars(
        series_of(account.id).where(SeriesRecord.active, SeriesRecord.profile == "sunat").order_by(SeriesRecord.id)
    ).all()
    branches = {row.id: row for row in session.scalars(branches_of(account.id))}
    if not found:
        yield bad("series", Text("La cuenta no tiene series activas", "The account has no active series"), Text(
            "Registre una por tipo de comprobante", "Register one for each kind of voucher"
        ))
    defaults = {(row.branch_id, row.kind, row.target) for row in found if row.is_default}
    for row in found:
        form = SERIES_FORMATS.get(row.sunat_code)
        if form is None or not form.numbered(row.code):
            yield bad("series", Text(
                f"{row.code} no corresponde al tipo {row.sunat_code}", f"{row.code} does not fit type {row.sunat_code}"
            ), Text("Retírela y registre otra", "Retire it and register another one"))
        if row.frozen:
            yield bad("series", Text(
                f"{row.code} está detenida: {row.frozen}", f"{row.code} is stopped: {row.frozen}"
            ), Text("chasqui series probe, o use otra serie", "chasqui series probe, or use another series"))
        if near_end(row.last_number):
            left = remaining(row.last_number)
            yield (warn if left else bad)("series", Text(
                f"A {row.code} le quedan {left} números", f"{row.code} has {left} numbers left"
            ), Text("Registre la serie siguiente", "Register its successor"))
        if (row.branch_id, row.kind, row.target) not in defaults:
            defaults.add((row.branch_id, row.kind, row.target))
            where = branches[row.branch_id].name
            yield warn("series", Text(
                f"{where} no tiene serie por defecto del tipo {row.sunat_code} ({row.code} existe)",
                f"{where} has no default series of type {row.sunat_code} ({row.code} is there)",
            ), Text("Marque una como la de siempre", "Make one of them the default"))
        if not branches[row.branch_id].active:
            yield warn("series", Text(
                f"{row.code} es de un establecimiento inactivo", f"{row.code} belongs to a branch that is not active"
            ), Text("Retírela, o active el establecimiento", "Retire it, or activate the branch"))


def _few(found: list[Row], good: Text) -> Iterator[Row]:
    if not found:
        yield ok("series", good)
    yield from found[:_MOST]
    if len(found) > _MOST:
        more = len(found) - _MOST
        yield warn("series", Text(f"Y {more} más", f"And {more} more"), Text("Vea la lista", "See the list"))


def _sending(session: Session, account: AccountRecord, now: datetime) -> Row:
    held = held_issuer(session, account.id)
    if held is not None:
        said = f"{held.code} {held.text}".strip()[:200]
        return bad("sending", Text(
            f"Detenido desde hace {span((now - held.since).total_seconds())}: {said or held.reason}",
            f"Stopped for {span((now - held.since).total_seconds())}: {said or held.reason}",
        ), Text(
            "Corrija el usuario SOL o sus permisos y reanude el envío",
            "Mend the SOL user or its permissions, then release the sending",
        ))
    mine = DeliveryRecord.account_id == account.id
    open_ = mine & DeliveryRecord.state.in_(_OPEN)
    waiting, stopped = session.execute(select(
        func.count(), func.count().filter(DeliveryRecord.state == str(DeliveryState.HELD))
    ).where(open_)).one()
    late, soon = session.execute(select(
        func.count().filter(DeliveryRecord.deadline_at < now),
        func.count().filter(DeliveryRecord.deadline_at >= now, DeliveryRecord.deadline_at < now + _NEAR),
    ).where(open_)).one()
    look = Text("Vea la lista de envíos y ordene cada uno", "Look at the deliveries and order each one")
    seen = Text(
        f"{waiting} sin terminar: {stopped} detenidos, {late} fuera de plazo, {soon} vencen en 24 h",
        f"{waiting} open: {stopped} held, {late} past their term, {soon} end within 24 h",
    )
    if late:
        return bad("sending", seen, look)
    return warn("sending", seen, look) if stopped or soon else ok("sending", seen)


def _webhooks(session: Session, account: AccountRecord, now: datetime) -> Row:
    mine = select(WebhookRecord.id).where(WebhookRecord.account_id == account.id, WebhookRecord.state != REMOVED)
    total, disabled = session.execute(select(
        func.count(), func.count().filter(WebhookRecord.state == DISABLED)
    ).where(WebhookRecord.id.in_(mine))).one()
    late, failed = session.execute(select(
        func.count().filter(
            NoticeRecord.state == WAITING, NoticeRecord.tries > 0, NoticeRecord.created_at < now - _TROUBLED
        ),
        func.count().filter(NoticeRecord.state == FAILED, NoticeRecord.created_at > now - _RECENT - LIFE),
    ).where(NoticeRecord.webhook_id.in_(mine))).one()
    if not (disabled or late or failed):
        return ok("webhooks", Text(f"{total} suscripciones, al día", f"{total} subscriptions, all told"))
    return warn("webhooks", Text(
        f"{total} suscripciones: {disabled} apagadas, {late} avisos atrasados, {failed} perdidos",
        f"{total} subscriptions: {disabled} disabled, {late} notices late, {failed} given up",
    ), Text("Revise la dirección que los recibe y reenvíe", "Check the address that receives them, then replay"))
