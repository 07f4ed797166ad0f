"""UBL as SUNAT reads it: one root file per UBL root, fragments in ``cac/`` and ``sac/``.

Rules of this room: loops and presence tests only, no arithmetic; a fragment is woven into its root when the root is
loaded and reads the root's names (``doc`` and its ``totals``, ``currency``, ``line`` and its ``amounts``, ``tax``,
``party``); line breaks and indentation are for the reader and vanish when a template is loaded, so a tag never spans
two lines; attributes and namespaces stand in canonical order; no empty-element shorthand. What comes out is Canonical
XML 1.0, checked for every voucher before it takes a number.
"""
