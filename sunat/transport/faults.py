"""SUNAT's code out of a SOAP fault, by structure and never by collecting digits.

Real faults carry it in four places, of falling trust: the suffix of the faultcode (``soap-env:Client.1033``,
``ns0:0103``), the last ``: NNNN (nodo`` of the text, a text that starts with it, a text that ends with it in
parentheses. The text of a rule also quotes ticket numbers, line numbers and values, hence the care.
"""

from __future__ import annotations

import re
from typing import Final

_SUFFIX: Final = re.compile(r"(?:^|[.:])\s*([0-9]{3,4})\s*$")
_BEFORE_NODE: Final = re.compile(r":\s*([0-9]{4})\s*\(nodo\b")
_LEADING: Final = re.compile(r"\s*([0-9]{4})\s*(?:$|[-:|]\s*\D|[.,]\s)")
_TRAILING: Final = re.compile(r"\(([0-9]{4})\)\s*\.?\s*$")


def fault_code(faultcode: str, text: str, detail: str = "") -> str:
    """The four-digit code of a fault, or nothing when it carries none.

    >>> fault_code("soap-env:Client.1033", "El comprobante fue registrado previamente")
    '1033'
    >>> fault_code("soap-env:Server.200", "")
    '0200'
    >>> fault_code("env:Client", "ticket: 20180001 error: Error en la linea: 1: 3103 (nodo: 'x' valor: '7')")
    '3103'
    >>> fault_code("env:Server", "Internal Error")
    ''
    """
    suffix = _SUFFIX.search(faultcode)
    if suffix:
        return suffix.group(1).zfill(4)
    for words in (text, detail):
        nodes = _BEFORE_NODE.findall(words)
        if nodes:
            return str(nodes[-1])
    for words in (text, detail):
        found = _LEADING.match(words) or _TRAILING.search(words)
        if found:
            return found.group(1)
    return ""
