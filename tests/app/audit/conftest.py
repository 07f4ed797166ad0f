"""The books every test of the audit starts from."""

from __future__ import annotations

from tests.support.books import books

__all__ = ["books"]
