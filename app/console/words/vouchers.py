"""The list of vouchers, and the page of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.problems import Text

WORDS: Final[Mapping[str, Text]] = {
    "vouchers.title": Text("Comprobantes", "Vouchers"),
    "vouchers.search": Text("Número, RUC, DNI o nombre", "Number, RUC, DNI or name"),
    "vouchers.find": Text("Buscar", "Find"),
    "vouchers.more": Text("Más filtros", "More filters"),
    "vouchers.clear": Text("Quitar filtros", "Clear filters"),
    "vouchers.state": Text("Estado", "State"),
    "vouchers.kind": Text("Tipo", "Kind"),
    "vouchers.branch": Text("Establecimiento", "Branch"),
    "vouchers.since": Text("Desde", "From"),
    "vouchers.until": Text("Hasta", "To"),
    "vouchers.least": Text("Importe desde", "Amount from"),
    "vouchers.most": Text("Importe hasta", "Amount to"),
    "vouchers.date": Text("Fecha", "Date"),
    "vouchers.number": Text("Comprobante", "Voucher"),
    "vouchers.receiver": Text("Cliente", "Customer"),
    "vouchers.total": Text("Total", "Total"),
    "vouchers.none": Text("Ningún comprobante coincide.", "No voucher matches."),
    "vouchers.empty": Text("Todavía no hay comprobantes.", "There are no vouchers yet."),
    "vouchers.first": Text("Emitir el primero", "Issue the first one"),
    "vouchers.issue": Text("Emitir", "Issue"),
    "vouchers.newer": Text("Más recientes", "Newer"),
    "vouchers.voiding": Text("Baja pedida", "Voiding asked for"),
    "vouchers.all": Text("Todos", "All"),
    "voucher.next": Text("Qué hacer", "What to do"),
    "voucher.facts": Text("Datos", "Facts"),
    "voucher.nobody": Text("Cliente sin identificar", "Unnamed customer"),
    "voucher.net": Text("Valor de venta", "Net value"),
    "voucher.taxes": Text("Impuestos", "Taxes"),
    "voucher.deadline": Text("Plazo de envío", "Term for sending"),
    "voucher.edition": Text("Edición", "Edition"),
    "voucher.reference": Text("Su referencia", "Your reference"),
    "voucher.ticket": Text("Ticket de SUNAT", "SUNAT's ticket"),
    "voucher.next_try": Text("Próximo intento", "Next attempt"),
    "voucher.lines": Text("Líneas", "Lines"),
    "voucher.quantity": Text("Cantidad", "Quantity"),
    "voucher.description": Text("Descripción", "Description"),
    "voucher.price": Text("Precio", "Price"),
    "voucher.more_lines": Text("Se ven {n} líneas; el PDF las tiene todas.", "{n} lines are shown; the PDF has all."),
    "voucher.files": Text("Archivos", "Files"),
    "voucher.xml": Text("XML firmado", "Signed XML"),
    "voucher.cdr": Text("CDR (constancia)", "CDR (SUNAT's receipt)"),
    "voucher.no_cdr": Text("Todavía no hay CDR", "There is no CDR yet"),
    "voucher.pdf": Text("PDF", "PDF"),
    "voucher.open_pdf": Text("Abrir el PDF", "Open the PDF"),
    "voucher.paper": Text("Papel", "Paper"),
    "voucher.own_paper": Text("El usual", "The usual"),
    "voucher.preview": Text("Vista del PDF de {number}", "Preview of the PDF of {number}"),
    "voucher.history": Text("Historia", "History"),
    "voucher.sunat_says": Text("SUNAT dijo", "SUNAT said"),
    "voucher.means": Text("Quiere decir", "It means"),
    "voucher.mend": Text("Cómo se arregla", "How to mend it"),
    "voucher.times": Text("{n} veces, la última a las {at}", "{n} times, the last at {at}"),
    "voucher.by": Text("por {name}", "by {name}"),
    "voucher.remarks": Text("Observaciones", "Remarks"),
    "voucher.ours": Text("Aviso de Chasqui", "Noted by Chasqui"),
    "voucher.links": Text("Relacionados", "Related"),
    "voucher.retry": Text("Enviar ahora", "Send now"),
    "voucher.reconcile": Text("Preguntar a SUNAT", "Ask SUNAT"),
    "voucher.release": Text("Reanudar el envío", "Let it go on"),
    "voucher.void": Text("Dar de baja", "Void"),
    "voucher.replace": Text("Corregir y emitir otro", "Correct and issue another"),
    "voucher.correct": Text("Corregir", "Correct"),
    "voucher.credit_note": Text("Nota de crédito", "Credit note"),
    "voucher.debit_note": Text("Nota de débito", "Debit note"),
    "voucher.copy": Text("Emitir otro igual", "Issue another like it"),
    "voucher.portal": Text("Anotar la baja del portal", "Record the portal's voiding"),
    "voucher.mail": Text("Enviar por correo", "Mail it"),
    "voucher.mail_title": Text("Enviar {number} por correo", "Mail {number}"),
    "voucher.mail_lead": Text("Va con su PDF, su XML y su CDR.", "It goes with its PDF, its XML and its CDR."),
    "voucher.mail_to": Text("Para", "To"),
    "voucher.mail_hint": Text("Hasta cinco direcciones, separadas por comas", "Up to five addresses, commas between"),
    "voucher.by_program": Text(
        "Este tipo de comprobante se corrige por la API.", "This kind of voucher is corrected over the API."
    ),
    "voucher.void_title": Text("Dar de baja {number}", "Void {number}"),
    "voucher.void_sure": Text(
        "La baja no se puede deshacer y el número queda usado.", "Voiding cannot be undone, and the number stays used."
    ),
    "voucher.void_delivered": Text(
        "Si ya lo entregó a su cliente, avísele o emita una nota de crédito.",
        "If your customer already has it, tell him, or issue a credit note.",
    ),
    "voucher.void_left": Text(
        "Puede darse de baja hasta el {day}: quedan {n} días.", "It may be voided until {day}: {n} days are left."
    ),
    "voucher.void_tomorrow": Text(
        "Puede darse de baja hasta mañana, {day}.", "It may be voided until tomorrow, {day}."
    ),
    "voucher.void_today": Text("Hoy es el último día para darlo de baja.", "Today is the last day for voiding it."),
    "voucher.void_late": Text(
        "El plazo para darlo de baja terminó el {day}.", "The term for voiding it ended on {day}."
    ),
    "voucher.void_open": Text("Darlo de baja no tiene plazo.", "There is no term for voiding it."),
    "voucher.reason": Text("Motivo", "Reason"),
    "voucher.reason_hint": Text(
        "De 3 a 100 letras; SUNAT lo recibe.", "3 to 100 letters; SUNAT is told."
    ),
    "voucher.void_do": Text("Sí, dar de baja", "Yes, void it"),
    "voucher.portal_title": Text("Baja de {number} en el portal de SUNAT", "{number} voided at SUNAT's portal"),
    "voucher.portal_lead": Text(
        "Las guías se dan de baja en SUNAT Operaciones en Línea. Hágalo allí y anótelo aquí.",
        "Guides are voided at SUNAT Operaciones en Línea. Do it there, and record it here.",
    ),
    "voucher.portal_day": Text("Día de la baja", "Day it was voided"),
    "voucher.portal_reference": Text("Número de la constancia del portal", "Number of the portal's receipt"),
    "voucher.portal_do": Text("Anotar la baja", "Record it"),
    "voucher.void_state.requested": Text("Baja pedida: irá a SUNAT en el próximo envío",
                                         "Voiding asked for: it goes with the next sending"),
    "voucher.void_state.queued": Text("Baja pedida: espera la respuesta por el comprobante",
                                      "Voiding asked for: it waits for the voucher's own answer"),
    "voucher.void_state.sent": Text("Baja enviada: SUNAT todavía no responde",
                                    "Voiding sent: SUNAT has not answered yet"),
    "voucher.void_state.accepted": Text("SUNAT aceptó la baja", "SUNAT took the voiding"),
    "voucher.void_state.refused": Text("SUNAT no aceptó la baja", "SUNAT did not take the voiding"),
}
