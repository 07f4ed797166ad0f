"""The first page: what happened, what to do, how SUNAT is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.problems import Text

WORDS: Final[Mapping[str, Text]] = {
    "today.title": Text("Hoy", "Today"),
    "today.issue": Text("Emitir comprobante", "Issue a voucher"),
    "today.do": Text("Qué hacer hoy", "What to do today"),
    "today.nothing": Text(
        "Nada pendiente: lo emitido está en SUNAT o en camino.", "Nothing: what was issued is at SUNAT or on its way."
    ),
    "today.see": Text("Ver", "Show"),
    "today.issued": Text("Emitidos hoy", "Issued today"),
    "today.accepted": Text("Aceptados", "Accepted"),
    "today.observed": Text("Observados", "With remarks"),
    "today.rejected": Text("Rechazados", "Rejected"),
    "today.unknown": Text("Sin respuesta", "No answer yet"),
    "today.waiting": Text("Por enviar", "To be sent"),
    "today.more_than": Text("{n}+", "{n}+"),
    "today.health": Text("Cómo está el envío", "How sending is"),
    "today.answers": Text("Responde", "Answers"),
    "today.not_known": Text("No se sabe", "Not known"),
    "today.silent": Text("No responde", "Does not answer"),
    "today.silent_since": Text(
        "desde las {at}; se sigue intentando, no haga nada", "since {at}; it is tried again by itself"
    ),
    "today.refuses": Text("No acepta su usuario", "Does not take your user"),
    "today.sending": Text("Envío", "Sending"),
    "today.running": Text("En marcha", "Running"),
    "today.not_running": Text("Nadie está enviando", "Nobody is sending"),
    "today.certificate": Text("Certificado", "Certificate"),
    "today.none": Text("No hay", "None"),
    "today.over": Text("Vencido", "Expired"),
    "today.days_left": Text("Quedan {n} días", "{n} days left"),
    "today.series": Text("Series", "Series"),
    "today.series_ok": Text("Con números de sobra", "Numbers to spare"),
    "today.series_ending": Text("{n} por agotarse", "{n} near the end"),
    "today.series_frozen": Text("{n} detenidas", "{n} stopped"),
    "today.urgent": Text("Más urgente", "Most urgent"),
    "today.none_unsent": Text("Nada por enviar", "Nothing to be sent"),
    "today.issued_at": Text("emitido {at}", "issued {at}"),
    "today.term": Text("Plazo hasta {at}", "Term ends {at}"),
    "today.term_over": Text("El plazo venció {at}", "The term ended {at}"),
    "today.summary": Text("Un resumen", "A summary"),
    "today.by_day": Text("Comprobantes por día, 14 días", "Vouchers by day, 14 days"),
    "today.by_kind": Text("Por tipo, 14 días", "By kind, 14 days"),
    "today.by_branch": Text("Por sucursal, 14 días", "By branch, 14 days"),
    "today.no_vouchers": Text("Sin comprobantes en 14 días.", "No vouchers in 14 days."),
    "today.do_certificate_none": Text(
        "No hay certificado digital: sin él no se puede emitir. Suba el de su empresa.",
        "There is no signing certificate: nothing can be issued without one. Upload your company's.",
    ),
    "today.do_certificate_over": Text(
        "El certificado digital venció: no se puede emitir. Suba uno vigente.",
        "The signing certificate has expired: nothing can be issued. Upload one in force.",
    ),
    "today.do_certificate_soon": Text(
        "El certificado digital vence en {n} días: tramite y suba el siguiente.",
        "The signing certificate expires in {n} days: get the next one and upload it.",
    ),
    "today.do_stopped": Text(
        "El envío a SUNAT está detenido: {why}. Corrija el usuario SOL o reanude el envío.",
        "Sending to SUNAT is stopped: {why}. Mend the SOL user, or release the sending.",
    ),
    "today.hold_credentials": Text("SUNAT no acepta el usuario o la clave", "SUNAT does not take user or password"),
    "today.hold_permission": Text("al usuario le falta un permiso en SOL", "the user lacks a permission in SOL"),
    "today.hold_route": Text("SUNAT no recibe por esta vía", "SUNAT does not take it by this way"),
    "today.hold_person": Text("alguien lo pidió", "somebody asked for it"),
    "today.do_overdue": Text(
        "{n} comprobantes pasaron su plazo sin llegar a SUNAT: revíselos uno por uno.",
        "{n} vouchers are past their term without having reached SUNAT: look at each.",
    ),
    "today.do_frozen": Text(
        "La serie {series} está detenida: {why}. Use otra serie mientras se aclara.",
        "Series {series} is stopped: {why}. Use another series until that is settled.",
    ),
    "today.do_rejected": Text(
        "SUNAT rechazó {n} comprobantes hoy: corrija la causa y emítalos de nuevo.",
        "SUNAT rejected {n} vouchers today: mend the cause and issue them again.",
    ),
    "today.do_held": Text(
        "{n} envíos detenidos esperan que alguien decida.", "{n} deliveries are held until somebody decides."
    ),
    "today.do_nobody_sends": Text(
        "Nadie está enviando y esperan {n}: avise a quien cuida el servidor.",
        "Nobody is sending and {n} wait: tell whoever minds the server.",
    ),
    "today.do_near": Text(
        "El plazo de {number} termina en menos de un día; se sigue intentando.",
        "The term of {number} ends within a day; it is still being tried.",
    ),
    "today.do_webhooks": Text(
        "{n} de sus sistemas no recibe los avisos: revise su dirección.",
        "{n} of your systems does not get its messages: look at its address.",
    ),
    "today.do_mail": Text(
        "Los correos a clientes no salen: revise el servidor de correo.",
        "Mails to customers do not go out: look at the mail server.",
    ),
    "today.do_ending": Text(
        "A la serie {series} le quedan {n} números: registre la siguiente.",
        "Series {series} has {n} numbers left: register its successor.",
    ),
}
