"""A made-up voucher on an issuer's paper, so that its look can be judged before anything is stored or issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.imprint.papers import brand_of
from app.printing import Mark, Printout
from app.printing.operations import picture_for
from app.printing.typesetting import to_png
from app.series import branding
from app.wire.formats import FORMATS
from sunat.ubl.printed.form import Column, Fact, Figure, PrintedForm, PrintedParty, Row
from sunat.wording import amount_in_words

_MARK = Mark(text="MUESTRA", detail="No es un comprobante: así se verá el suyo")
_LINES = (("2", "NIU", "Café tostado en grano, bolsa de 1 kg", "59.00", "118.00"),
          ("1", "ZZ", "Envío a domicilio", "23.60", "23.60"))


def sample(
    session: Session, account: AccountRecord, branch: BranchRecord, own: Mapping[str, Any], *, today: date
) -> tuple[Printout, str]:
    """A sample of the papers of a series at a branch whose own branding is this, and the paper it is set on."""
    look = branding.effective(own, branch, account)
    form = _form(account, branch, today)
    return Printout(
        form=form, title="Factura electrónica", number="F001-00000001", moment=datetime.combine(today, time(10, 0)),
        qr=f"{account.ruc}|01|F001|1|21.60|141.60|{today.isoformat()}|6|20000000001|", digest="MUESTRA",
        statement="Muestra de la representación impresa", consult="Así se verá la línea de consulta",
        brand=brand_of(look, form.issuer.name, picture_for(session, account, look["logo"])), marks=(_MARK,),
    ), look["format"] or FORMATS[0]


def pictured(made: Printout, size: str) -> bytes:
    """The first page as PNG. Raises as `app.printing.to_pdf`."""
    return to_png(made, size, dots=80 if size == "a4" else 110)[0]


def _form(account: AccountRecord, branch: BranchRecord, today: date) -> PrintedForm:
    place = ", ".join(part for part in (branch.address, branch.district, branch.city) if part)
    return PrintedForm(
        issuer=PrintedParty(
            role="Emisor", name=account.legal_name, trade_name=account.trade_name, identity=f"RUC {account.ruc}",
            address=place,
        ),
        receiver=PrintedParty(
            role="Cliente", name="CLIENTE DE EJEMPLO S.A.C.", trade_name="", identity="RUC 20000000001",
            address="AV. EJEMPLO 123, LIMA",
        ),
        facts=(
            Fact(label="Fecha de emisión", value=f"{today:%d/%m/%Y}"), Fact(label="Moneda", value="Soles"),
            Fact(label="Forma de pago", value="Contado"),
        ),
        columns=(
            Column(title="Cant.", figures=True), Column(title="Unidad", where="sheet"),
            Column(title="Descripción", wide=True), Column(title="P. unit.", figures=True),
            Column(title="Importe", figures=True),
        ),
        rows=tuple(Row(cells=cells) for cells in _LINES),
        figures=(
            Figure(label="Op. gravada", value="S/ 120.00"), Figure(label="IGV 18 %", value="S/ 21.60"),
            Figure(label="Importe total", value="S/ 141.60", strong=True),
        ),
        words=amount_in_words(Decimal("141.60"), "PEN"),
    )
