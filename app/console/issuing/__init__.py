"""Issuing by hand: the everyday facturas, boletas and notes as a form, and the request that the form stands for.

==============  ==================================================================================
``sale``        the fields of the form; what was typed, tidied up
``lines``       one line of it and its taxes
``body``        the form as a request of the API, and back
``pointers``    the API's pointers and the fields they mean
``customer``    what is known of a customer by his RUC or DNI
==============  ==================================================================================

What a voucher says that the form has no field for (a corrected or changed one may have come by the API) travels along
unchanged: a line that the form cannot tell is kept whole, or left out.
"""
