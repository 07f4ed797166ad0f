"""The page of whoever received a voucher: is it known, does it stand, and its files (``/v``).

==============  ==================================================================================
``asking``      what was typed into the form: RUC, kind, series, number, date, total
``finding``     the voucher that all of it names, or nothing
``telling``     the page's texts, in Spanish and English
``views``       the page and the files
``pages``       its HTML and its style
==============  ==================================================================================

Nobody logs in: whoever holds the paper knows all six. One that is wrong is answered as a voucher that never was, by the
same query and the same page; there are no addresses of vouchers to be guessed, and addresses that ask often are told to
wait. What is typed travels in the body, so that no log and no history has it. The page runs no script.
"""

from __future__ import annotations

from app.receiver.views import install

__all__ = ["install"]
