"""Every rule's keeping and breaking case: a clean voucher of some shape, and its smallest edit that breaks the rule.

The shape itself is the keeping case. ``pair`` names the code, the edit, the shape, and the codes that unavoidably come
along; a pair counts for every kind whose table has the code and for which the shape exists.
"""
