"""Issuers and who may act for them: accounts, branches, keys, users, certificates, sealed secrets."""

from __future__ import annotations

from app.accounts.views import register

__all__ = ["register"]
