"""What our catalogues add to SUNAT's lists, or say in fewer words than SUNAT: read by ``generate`` only.

Codes and membership are never touched here. Descriptions are shortened where the official text is a sentence and
corrected where it has a slip of the pen; attributes come from the sources named at each table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "02": "Monedas (ISO 4217)",
    "03": "Unidades de medida (UN/ECE Rec. 20)",
    "04": "Países (ISO 3166-1)",
    "13": "Ubigeo: distritos del Perú (INEI)",
    "22": "Código de régimen de percepciones",
    "23": "Código de régimen de retenciones",
    "25": "Código de producto SUNAT (UNSPSC)",
    "25.2": "Código de producto SUNAT: bienes sujetos a detracción",
    "25.3": "Código de producto SUNAT: bienes sujetos a percepción",
    "57": "Código de tipo de servicio de telecomunicaciones",
    "59": "Medios de pago",
    "62A": "Bienes normalizados (código de producto SUNAT)",
    "65": "Unidades de medida de la DAM o DS (solo GRE)",
}
"""Titles that the index writes without accents, or at length."""

_LOANS: Final = "Créditos no captadores: "
_ADDRESS: Final = f"{_LOANS}predio - "

DESCRIPTIONS: Final[Mapping[tuple[str, str], str]] = {
    ("01", "05"): "Boleto de transporte aéreo regular de pasajeros",
    ("01", "13"): "Documento de bancos, seguros y financieras bajo control de la SBS",
    ("01", "15"): "Boleto de transporte urbano regular o ferroviario local",
    ("01", "16"): "Boleto de viaje interprovincial",
    ("01", "30"): "Documento del adquirente en sistemas de pago con tarjeta",
    ("01", "41"): "Comprobante de percepción - venta interna (impreso)",
    ("01", "42"): "Documento del adquirente por tarjetas de crédito que emite él mismo",
    ("01", "45"): "Documento de centros educativos, universidades, asociaciones y fundaciones",
    ("05", "1000"): "IGV Impuesto General a las Ventas",
    ("05", "1016"): "Impuesto a la Venta de Arroz Pilado",
    ("05", "7152"): "Impuesto al consumo de las bolsas de plástico",
    ("06", "0"): "Doc. trib. de no domiciliado sin RUC",
    ("06", "6"): "Registro Único de Contribuyentes",
    ("06", "A"): "Cédula diplomática de identidad",
    ("06", "B"): "Doc. de identidad del país de residencia (no domiciliado)",
    ("06", "C"): "Tax Identification Number (TIN), persona natural",
    ("06", "D"): "Identification Number (IN), persona jurídica",
    ("06", "E"): "Tarjeta Andina de Migración (TAM)",
    ("06", "F"): "Permiso Temporal de Permanencia (PTP)",
    ("06", "H"): "Carné de Permiso Temporal de Permanencia (CPP)",
    ("08", "01"): "Sistema al valor",
    ("08", "02"): "Sistema específico (monto fijo)",
    ("08", "03"): "Sistema de precios de venta al público",
    ("09", "03"): "Corrección por error en la descripción o atención de reclamo",
    ("09", "10"): "Otros conceptos",
    ("09", "13"): "Ajuste del monto neto pendiente, las cuotas o sus vencimientos",
    ("10", "03"): "Penalidades y otros conceptos",
    ("15", "2001"): "BIENES TRANSFERIDOS EN LA AMAZONÍA REGIÓN SELVA PARA SER CONSUMIDOS EN LA MISMA",
    ("15", "2010"): "Restitución Simplificada de Derechos Arancelarios",
    ("17", "01"): "Venta interna",
    ("25.2", "10171503"): "Harina, polvo y pellets de pescado y demás invertebrados acuáticos",
    ("25.2", "50203205"): "Leche cruda entera",
    ("25.3", "13111039"): "Poli(tereftalato de etileno) sin dióxido de titanio, en formas primarias",
    ("25.3", "13102020"): "Envases o preformas de poli(tereftalato de etileno) (PET)",
    ("25.3", "24122000"): "Envases, tapones y tapas de vidrio para transporte o envasado",
    ("25.3", "24122004"): "Tapones, tapas, cápsulas y demás dispositivos de cierre",
    ("25.3", "50202300"): "Agua y demás bebidas no alcohólicas",
    ("26", "1"): "Construcción o adquisición",
    ("26", "2"): "Refacción, remodelación, ampliación o subdivisión de vivienda propia",
    ("27", "3"): "Primera vivienda según lo informado por el cliente (desde 2013)",
    ("51", "0113"): "Venta Interna - NRUS",
    ("51", "2103"): "Otras operaciones no gravadas - Empresas financieras y cooperativas",
    ("52", "2010"): "Restitución Simplificada de Derechos Arancelarios",
    ("53", "63"): "Retención de renta de segunda categoría",
    ("54", "017"): "Harina, polvo y pellets de pescado y demás invertebrados acuáticos",
    ("54", "042"): "Ladrillos, bovedillas, cubrevigas y similares de cerámica",
    ("55", "3050"): "Transporte Terrestre - Número de asiento",
    ("55", "5030"): "Cilindrada",
    ("55", "7001"): f"{_LOANS}tipo de préstamo",
    ("55", "7002"): f"{_LOANS}indicador de primera vivienda",
    ("55", "7003"): f"{_LOANS}partida registral",
    ("55", "7004"): f"{_LOANS}número de contrato",
    ("55", "7005"): f"{_LOANS}fecha de otorgamiento",
    ("55", "7006"): f"{_ADDRESS}ubigeo",
    ("55", "7007"): f"{_ADDRESS}dirección completa",
    ("55", "7008"): f"{_ADDRESS}urbanización",
    ("55", "7009"): f"{_ADDRESS}provincia",
    ("55", "7010"): f"{_ADDRESS}distrito",
    ("55", "7011"): f"{_ADDRESS}departamento",
    ("55", "7012"): f"{_LOANS}monto otorgado (capital)",
    ("59", "006"): "Tarjeta de crédito del país, de una empresa del sistema financiero",
    ("59", "007"): "Cheque no negociable, intransferible, no a la orden o equivalente",
    ("59", "008"): "Efectivo, sin obligación de utilizar medio de pago",
    ("59", "011"): "Documentos de EDPYMES y de cooperativas no autorizadas a captar depósitos",
    ("59", "012"): "Tarjeta de crédito de una empresa ajena al sistema financiero",
    ("59", "013"): "Tarjeta de crédito del exterior, de bancos o financieras no domiciliadas",
    ("61", "66"): "Autorización de circulación de carga en Lima Metropolitana",
    ("61", "68"): "Habilitación sanitaria de transporte terrestre pesquero y acuícola",
    ("61", "75"): "Autorización de empresa de saneamiento ambiental - MINSA",
    ("61", "77"): "Certificado fitosanitario para la movilización de plantas y productos vegetales",
    ("62", "2207100000"): "Alcohol etílico sin desnaturalizar, de 80 % vol o más",
    ("62", "2208901000"): "Alcohol etílico sin desnaturalizar, de menos de 80 % vol",
    ("62", "2602000000"): "Minerales de manganeso y sus concentrados",
    ("62", "2619000000"): "Escorias (excepto las granuladas) y desperdicios de la siderurgia",
    ("62", "2620600000"): "Que contengan arsénico, mercurio, talio o sus mezclas",
    ("D-37", "01"): "Superintendencia Nacional de Control de Armas, Municiones y Explosivos",
}
"""Our shorter or corrected description by catalogue and code."""

PLURALS: Final[Mapping[str, str]] = {
    "ARS": "PESOS ARGENTINOS",
    "AUD": "DÓLARES AUSTRALIANOS",
    "BOB": "BOLIVIANOS",
    "BRL": "REALES",
    "CAD": "DÓLARES CANADIENSES",
    "CHF": "FRANCOS SUIZOS",
    "CLP": "PESOS CHILENOS",
    "CNY": "YUANES",
    "COP": "PESOS COLOMBIANOS",
    "CRC": "COLONES COSTARRICENSES",
    "CUP": "PESOS CUBANOS",
    "DKK": "CORONAS DANESAS",
    "DOP": "PESOS DOMINICANOS",
    "EUR": "EUROS",
    "GBP": "LIBRAS ESTERLINAS",
    "GTQ": "QUETZALES",
    "HNL": "LEMPIRAS",
    "INR": "RUPIAS INDIAS",
    "JPY": "YENES",
    "KRW": "WONES SURCOREANOS",
    "MXN": "PESOS MEXICANOS",
    "NIO": "CÓRDOBAS",
    "NOK": "CORONAS NORUEGAS",
    "NZD": "DÓLARES NEOZELANDESES",
    "PAB": "BALBOAS",
    "PEN": "SOLES",
    "PYG": "GUARANÍES",
    "SEK": "CORONAS SUECAS",
    "USD": "DÓLARES AMERICANOS",
    "UYU": "PESOS URUGUAYOS",
}
"""Spanish plural of the currencies that vouchers are written in, for the amount in words (catalogue 02)."""

AFFECTATION_GROUPS: Final[Mapping[str, str]] = {
    "1": "taxed", "17": "ivap", "2": "exempt", "3": "unaffected", "4": "export",
}
"""Catalogue 07: the group by the whole code or, failing that, by its first digit."""

VARIABLE_LEGENDS: Final = ("1000", "2012")
"""Catalogue 52: legends whose text depends on the voucher; the description of the others is the text to print."""

CHARGES: Final[Mapping[str, tuple[str, str]]] = {
    "00": ("discount", "yes"), "01": ("discount", "no"), "02": ("discount", "yes"), "03": ("discount", "no"),
    "04": ("discount", "yes"), "05": ("discount", "no"), "06": ("discount", "no"), "07": ("discount", ""),
    "20": ("discount", "no"), "45": ("charge", "no"), "46": ("charge", "no"), "47": ("charge", "yes"),
    "48": ("charge", "no"), "49": ("charge", "yes"), "50": ("charge", "no"), "51": ("charge", "no"),
    "52": ("charge", "no"), "53": ("charge", "no"), "54": ("charge", ""), "61": ("discount", "no"),
    "62": ("discount", "no"), "63": ("discount", "no"),
}
"""Catalogue 53: what cbc:ChargeIndicator says (rule 3114: charge is true, discount false) and whether the IGV base
changes (its own wording, rules 3277 and 3291). The workbook is silent on the base for 07 and 54 (Decreto de Urgencia
010-2004, fuel price stabilisation)."""
