"""Books, long works and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.problems import Text

WORDS: Final[Mapping[str, Text]] = {
    "books.title": Text("Libros", "Books"),
    "books.period": Text("Mes de emisión", "Month of issue dates"),
    "books.period.hint": Text("AAAA-MM, en fechas de Lima", "YYYY-MM, in Lima's dates"),
    "books.period.wrong": Text("Escriba un mes como 2026-10", "Write a month such as 2026-10"),
    "books.registry": Text("Registro de comprobantes", "Registry of vouchers"),
    "books.registry.what": Text(
        "Todos los comprobantes del mes, de toda serie y estado, con sumas por tipo.",
        "All vouchers of the month, of every series and state, with sums by kind.",
    ),
    "books.registry-xlsx": Text("Registro en Excel", "Registry for Excel"),
    "books.registry-csv": Text("Registro en CSV", "Registry as CSV"),
    "books.sire": Text("Registro de ventas (SIRE)", "Register of sales (SIRE)"),
    "books.sire.what": Text(
        "El archivo que reemplaza la propuesta de SUNAT, con lo que SUNAT da por válido, en soles.",
        "The file that replaces SUNAT's proposal: what SUNAT holds as good, in soles.",
    ),
    "books.register": Text("Archivo para el SIRE", "File for SIRE"),
    "books.compare": Text("Diferencias con SUNAT", "Differences from SUNAT"),
    "books.compare.what": Text(
        "Suba la propuesta del RVIE que descargó de SIRE (texto o zip): se dice qué difiere y qué hacer.",
        "Upload the RVIE proposal that you downloaded from SIRE (text or zip): what differs is told, and what to do.",
    ),
    "books.list": Text("Propuesta de SUNAT", "SUNAT's proposal"),
    "books.list.missing": Text("Elija el archivo de la propuesta", "Choose the proposal's file"),
    "books.list.large": Text("El archivo supera {n} MB", "The file has more than {n} MB"),
    "books.differences": Text("Comparar", "Compare"),
    "books.numbers": Text("Auditoría de la numeración", "Audit of the numbers"),
    "books.numbers.what": Text(
        "Cada número con su XML firmado, sin huecos ni repetidos, y la cadena recalculada. El informe va firmado.",
        "Every number with its signed XML, no hole, no repetition, the chain worked out again. The report is signed.",
    ),
    "books.audit": Text("Auditar el mes", "Audit the month"),
    "books.audit-all": Text("Auditar todo", "Audit everything"),
    "books.proof": Text("Evidencia", "Evidence"),
    "books.proof.what": Text(
        "Todo sobre cada comprobante del mes en un archivo que se prueba solo. El de uno está en su página.",
        "Everything about every voucher of the month in a file that proves itself. One voucher's is on its page.",
    ),
    "books.evidence": Text("Reunir la evidencia", "Gather the evidence"),
    "books.paper": Text("Con la representación impresa (tarda más)", "With the papers (takes longer)"),
    "books.made": Text("Hecho hace poco", "Made lately"),
    "books.bound": Text(
        "Su usuario es de una sucursal: el registro y la auditoría son los de ella.",
        "Your user is of one branch: registry and audit are that branch's.",
    ),
    "work.running": Text("Trabajando…", "Working…"),
    "work.of": Text("{done} de {total}", "{done} of {total}"),
    "work.done": Text("Listo", "Done"),
    "work.failed": Text("No se pudo", "It failed"),
    "work.wait": Text("Puede dejar esta página: el resultado queda un día en Libros.",
                      "You may leave this page: the result stays under Books for a day."),
    "work.download": Text("Descargar {file}", "Download {file}"),
    "work.progress": Text("Avance", "Progress"),
    "work.reload": Text("Actualizar", "Refresh"),
    "work.what": Text("Trabajo", "Work"),
    "work.when": Text("Cuándo", "When"),
    "work.state": Text("Estado", "State"),
    "work.clean": Text("Sin diferencias", "No differences"),
    "work.counts": Text("{listed} en la lista de SUNAT, {agree} coinciden", "{listed} on SUNAT's list, {agree} agree"),
    "work.totals": Text("Total SUNAT {theirs}, total propio {ours}", "SUNAT's total {theirs}, ours {ours}"),
    "work.number": Text("Comprobante", "Voucher"),
    "work.here": Text("Aquí", "Here"),
    "work.there": Text("En SUNAT", "At SUNAT"),
    "work.what_to_do": Text("Qué hacer", "What to do"),
    "work.nothing": Text("no está", "not there"),
    "work.entries": Text("{n} comprobantes, total S/ {total}", "{n} vouchers, total S/ {total}"),
    "work.left_out": Text("Quedan fuera: {n} {status}", "Left out: {n} {status}"),
    "work.audit.clean": Text("Conforme: {n} comprobantes, ningún hueco", "In order: {n} vouchers, no hole"),
    "work.audit.wrong": Text(
        "No conforme: {findings} hallazgos, {holes} huecos", "Not in order: {findings} findings, {holes} holes"
    ),
    "work.range": Text("{first} a {last}", "{first} to {last}"),
    "work.series": Text("Serie", "Series"),
    "work.numbers": Text("Números", "Numbers"),
    "work.findings": Text("Hallazgos", "Findings"),
    "work.kind": Text("Tipo", "Kind"),
    "work.vouchers": Text("Comprobantes", "Vouchers"),
    "work.total": Text("Total", "Total"),
    "work.gathered": Text("{n} comprobantes reunidos", "{n} vouchers gathered"),
    "doctor.title": Text("Diagnóstico", "Doctor"),
    "doctor.ask": Text("Preguntar también a SUNAT", "Ask SUNAT too"),
    "doctor.ask.what": Text(
        "Prueba direcciones, reloj y credenciales con consultas que no envían ni cambian nada; tarda hasta un minuto.",
        "Tries addresses, clock and credentials with questions that send and change nothing; up to a minute.",
    ),
    "doctor.well": Text("Todo en orden", "All is well"),
    "doctor.bad": Text("Hay algo que arreglar", "Something has to be mended"),
    "doctor.warn": Text("Funciona, con avisos", "It works, with warnings"),
    "doctor.examined": Text("Diagnóstico completo", "Whole examination"),
}
