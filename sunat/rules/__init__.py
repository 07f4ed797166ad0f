"""SUNAT's published checks as tables, and the engine that judges a voucher's XML by them.

``engine`` judges; ``checks`` has the words rows are written in, ``conditions`` when they apply, ``fields`` what nodes
are called. One table per voucher kind (``invoice``, ``boleta``, ``credit_note``, ``debit_note``) is put together from
what all sales share (``sale`` and its parts), the file-name rows (``general``) and the refusals by norm (``norms``).
``signature`` is a table of its own, for whoever receives signed vouchers. Source: SUNAT's validation workbook of
electronic vouchers, 2026-02-12, with the codes added on 2026-08-26.
"""
