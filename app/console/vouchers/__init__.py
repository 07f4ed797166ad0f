"""Vouchers as people look at them.

==============  ==================================================================================
``searching``   one field for number, RUC, DNI or name, and a few to narrow it down
``standing``    where a voucher stands, in one word
``timeline``    what happened to it, in plain words
``advising``    what is best done next, and what may be
``codes``       what SUNAT's codes mean
==============  ==================================================================================
"""
