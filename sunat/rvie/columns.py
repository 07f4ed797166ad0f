"""The columns of the register of sales in SUNAT's order, with the names people read.

The file that replaces a proposal has the first `REPLACED` of them; SUNAT's own list has all.
Source: annex 3 of RS 112-2021/SUNAT as changed by RS 040-2022/SUNAT; the list that SOL offers for download.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Column(NamedTuple):
    """A column: its key here and its name in Spanish."""

    key: str
    name: str


COLUMNS: Final = (
    Column("ruc", "RUC"),
    Column("name", "Apellidos y nombres o razón social"),
    Column("period", "Periodo"),
    Column("car", "CAR SUNAT"),
    Column("issue_date", "Fecha de emisión"),
    Column("due_date", "Fecha de vencimiento o pago"),
    Column("kind", "Tipo de comprobante"),
    Column("series", "Serie"),
    Column("number", "Número o número inicial"),
    Column("last_number", "Número final"),
    Column("receiver_code", "Tipo de documento del cliente"),
    Column("receiver_number", "Número de documento del cliente"),
    Column("receiver_name", "Nombre o razón social del cliente"),
    Column("export", "Valor facturado de la exportación"),
    Column("taxed", "Base imponible gravada"),
    Column("taxed_discount", "Descuento de la base imponible"),
    Column("igv", "IGV e IPM"),
    Column("igv_discount", "Descuento del IGV e IPM"),
    Column("exempt", "Importe exonerado"),
    Column("unaffected", "Importe inafecto"),
    Column("isc", "ISC"),
    Column("rice", "Base imponible del IVAP"),
    Column("ivap", "IVAP"),
    Column("bags", "ICBPER"),
    Column("others", "Otros tributos y cargos"),
    Column("total", "Importe total"),
    Column("currency", "Moneda"),
    Column("rate", "Tipo de cambio"),
    Column("modified_date", "Fecha del comprobante modificado"),
    Column("modified_kind", "Tipo del comprobante modificado"),
    Column("modified_series", "Serie del comprobante modificado"),
    Column("modified_number", "Número del comprobante modificado"),
    Column("project", "Proyecto u operador"),
    Column("note_type", "Tipo de nota"),
    Column("state", "Estado"),
    Column("fob", "Valor FOB embarcado"),
    Column("free", "Operaciones gratuitas"),
    Column("operation", "Tipo de operación"),
    Column("customs", "DAM o CP"),
    Column("clu", "CLU"),
)

REPLACED: Final = 33
"""How many of them the file that replaces a proposal has."""
