"""The law: what a Peruvian electronic voucher must be, and how SUNAT is spoken to.

This package works on values and bytes. It knows no web framework, no database, no clock and no environment;
dates arrive as arguments. Its one server, ``sunat.sandbox``, is the pretend authority and is fenced off.

=================  ==================================================================================
``errors``         the error tree
``money``          exact decimals, SUNAT's rounding, currencies
``xml``            the one hardened parser, namespaces, canonical form (the only user of lxml)
``catalogues``     SUNAT's code lists (Anexo 8) with attributes
``identity``       RUC, DNI and the other identity documents of catalogue 06
``numbering``      series formats, voucher numbers, file names
``wording``        amount in words, legends
``taxes``          dated rates; amounts of lines and totals by one canonical method
``documents``      what a voucher says (its content, never its number)
``signing``        certificates, the enveloped signature, the digest value
``ubl``            content + number -> XML; XML node <-> content field; QR text
``rules``          what SUNAT refuses, as tables of rows over the XML
``cdr``            SUNAT's answer, read and built
``transport``      zip files, SOAP and REST clients, endpoints
``outcomes``       what each answer of SUNAT's means, as tables
``rvie``           SUNAT's register of sales: entries, the replacing file, its own list
``terms``          how long a voucher may wait before SUNAT must have it
``validation``     a file against all of it: parcel, schema, rules, signature
``schemas``        the official XML schemas, where an installation has them
``kinds``          one row per voucher kind, tying the rooms together
``sandbox``        a SUNAT of our own
=================  ==================================================================================
"""
