"""The rows of the accounts room as the contract writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.accounts.models import AccountRecord, ApiKeyRecord, BranchRecord, CertificateRecord
from app.clock import lima


def account(row: AccountRecord, *, certified: datetime | None) -> dict[str, Any]:
    """An account; ``certified`` is since when it has a certificate that signs, if it has one.

    v1's ``certification_status`` has no published meaning for Peru: 1 says that vouchers can be signed, 0 not yet.
    """
    trace = [{"date": moment(row.created_at), "status": 0}]
    if certified is not None:
        trace.append({"date": moment(certified), "status": 1})
    return {
        "account_id": row.id,
        "account_created": {
            "country_id": 83, "contact_name": row.contact_name, "contact_phone": row.contact_phone,
            "admin_email": row.admin_email, "registration_legal_name_company": row.legal_name,
            "registration_tax_id_code": row.ruc, "registration_tax_id_type": "PE-RUC", **row.registration,
            "certification_status": trace[-1]["status"], "certification_status_trace": trace,
            "company_logo": row.registration.get("registration_additional_data", {}).get("company_logo"),
        },
        "additional": {"pe_account": {
            "environment": row.environment, "tax_regime": row.tax_regime, "channel": row.channel,
            "ose_url": row.ose_url, "pse_tax_id_code": row.pse_ruc, "sol_user": row.sol_user,
            "sol_password_set": row.sol_password_sealed is not None, "gre_client_id": row.gre_client_id,
            "gre_client_secret_set": row.gre_client_secret_sealed is not None,
            "consult_client_id": row.consult_client_id,
            "consult_client_secret_set": row.consult_client_secret_sealed is not None,
            "boleta_channel": row.boleta_channel, "signature_algorithm": row.signature_algorithm,
            "detraction_account": row.detraction_account, "summary_start_number": row.summary_start_number,
            "reduced_igv": row.reduced_igv, "anonymous_customer": row.anonymous_customer,
            "boleta_today_only": row.boleta_today_only, "duplicate_guard_minutes": row.duplicate_guard_minutes,
            "allow_number_gaps": row.allow_number_gaps, "strict_observations": row.strict_observations,
            "trade_name": row.trade_name,
            "branding": row.branding or {}, "mail": _mail(row.mail or {}),
        }},
    }


def _mail(wishes: dict[str, Any]) -> dict[str, Any]:
    return {
        "enabled": bool(wishes.get("enabled")), "reply_to": wishes.get("reply_to") or "",
        "subject": wishes.get("subject") or "", "footer": wishes.get("footer") or "",
    }


def branch(row: BranchRecord, codes: tuple[str, ...]) -> dict[str, Any]:
    """A branch with the codes of its series."""
    return {
        "company_branch_id": row.id, "account_id": row.account_id, "name": row.name,
        "is_headquarters": int(row.is_headquarters), "branch_type": row.branch_type, "address": row.address,
        "district": row.district, "city": row.city, "department": row.department, "phone": row.phone,
        "branding": row.branding or {}, "ubigeo": row.ubigeo, "company_branch_tax_code": row.establishment_code,
        "establishment_code": row.establishment_code, "company_branch_internal_code": row.code,
        "parent_company_branch_id": row.parent_id, "document_sequence_codes": list(codes), "user_permissions": [],
    }


def certificate(row: CertificateRecord) -> dict[str, Any]:
    """A certificate, without anything secret."""
    return {
        "account_id": row.account_id, "certificate_id": row.public_id,
        "certificate_valid_from": moment(row.valid_from), "certificate_valid_to": moment(row.valid_to),
        "certificate_name_internal": row.name, "certificate_name": row.holder, "certificate_tax_id_type": "PE-RUC",
        "certificate_tax_id_code": row.ruc, "active": row.active, "fingerprint_sha256": row.fingerprint,
    }


def key(row: ApiKeyRecord, secret: str | None = None) -> dict[str, Any]:
    """An API key; its text only where it was made just now."""
    shown = {"api_key": secret} if secret else {}
    return {
        "api_key_id": row.id, "account_id": row.account_id, **shown, "prefix": row.prefix, "name": row.name,
        "mode": row.mode, "branch": row.branch_id, "scopes": row.scopes.split(), "created_at": moment(row.created_at),
        "last_used_at": moment(row.last_used_at) if row.last_used_at else None,
    }


def moment(instant: datetime) -> str:
    """An instant as v1 writes it, ``YYYY-MM-DD HH:MM:SS``, in Lima."""
    return lima(instant).strftime("%Y-%m-%d %H:%M:%S")
