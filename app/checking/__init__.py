"""Vouchers held against SUNAT's rules outside of issuing: anybody's files, and our own under the rules of another day.

``examining`` takes files, zips and folders, ``forecasting`` the stored vouchers of a period; nothing is stored.
"""

from __future__ import annotations

from app.checking.views import register

__all__ = ["register"]
