"""Branches on the wire (contract/v1.md 2.5)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.accounts.schemas.shapes import ID, Branding, Loose, text


class BranchChange(Loose):
    """``PUT /V1/company_branches/{id}``."""

    account_id = fields.Integer(validate=ID)
    name = text(250, shortest=1)
    is_headquarters = fields.Integer(validate=validate.OneOf((0, 1)))
    branch_type = fields.Integer(validate=validate.OneOf((1, 2)))
    address = text(250)
    district = text(100)
    city = text(100)
    department = text(100)
    phone = text(50)
    branding = fields.Nested(Branding, allow_none=True)
    ubigeo = fields.String(validate=validate.Regexp(r"(\d{6})?\Z"))
    company_branch_tax_code = fields.String(validate=validate.Regexp(r"\d{4}\Z"))
    establishment_code = fields.String(validate=validate.Regexp(r"\d{4}\Z"))
    company_branch_internal_code = text(50, shortest=1)
    parent_company_branch_id = fields.Integer(validate=ID, allow_none=True)
    document_sequence_codes = fields.List(text(4), validate=validate.Length(max=200))


class BranchRequest(BranchChange):
    """``POST /V1/company_branches``."""

    name = text(250, shortest=1, required=True)


class BranchAnswer(Schema):
    """A branch as it is read."""

    company_branch_id = fields.Integer(required=True)
    account_id = fields.Integer(required=True)
    name = fields.String(required=True)
    is_headquarters = fields.Integer(required=True)
    branch_type = fields.Integer(required=True)
    address = fields.String(required=True)
    district = fields.String(required=True)
    city = fields.String(required=True)
    department = fields.String(required=True)
    phone = fields.String(required=True)
    ubigeo = fields.String(required=True)
    company_branch_tax_code = fields.String(required=True)
    establishment_code = fields.String(required=True)
    company_branch_internal_code = fields.String(required=True)
    parent_company_branch_id = fields.Integer(required=True, allow_none=True)
    branding = fields.Dict(required=True)
    document_sequence_codes = fields.List(fields.String(), required=True)
    user_permissions = fields.List(fields.Dict(), required=True)
