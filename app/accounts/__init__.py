"""Issuers and who may act for them: accounts, branches, keys, users, certificates, sealed secrets."""
