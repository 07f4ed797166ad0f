"""The shapes of the answers, for the OpenAPI document; the bodies themselves are made in `app.documents.answers`."""

from __future__ import annotations

from marshmallow import fields

from app.http import OpenSchema
from app.ledger.lifecycle import Phase


class AnswerHeader(OpenSchema):
    """The request's header with what numbering and delivery added."""

    account_id = fields.Integer()
    document_type_id = fields.Integer(metadata={"example": 96})
    document_type_taxbureau = fields.String(metadata={"example": "01"})
    document_sequence_code = fields.String(metadata={"example": "F001"})
    document_number = fields.Integer(metadata={"example": 123})
    number = fields.String(metadata={"example": "F001-00000123"})
    document_status = fields.Integer(metadata={"description": "1 issued, 2 cancelled"})
    taxbureau_send_status = fields.Integer(
        metadata={"description": "0 sending, 1 received, 2 closed unsent, 1XX retrying, 2XX refused at sending"}
    )
    taxbureau_validation_status = fields.Integer(
        allow_none=True,
        metadata={"description": "0, 1 in process, 2 sending refused, 3 accepted, 4 with observations, 5 rejected"},
    )
    taxbureau_send_id = fields.String(allow_none=True)
    taxbureau_send_date = fields.String(allow_none=True)
    taxbureau_validation_comments = fields.String()
    issue_date = fields.String(metadata={"format": "date"})
    currency_id = fields.Integer()
    received_issued_flag = fields.Integer()


class ExplainedStep(OpenSchema):
    """One addend of a total, with its sign."""

    kind = fields.String(metadata={"enum": [
        "line", "line_discount", "line_charge", "discount", "charge", "advance", "total", "rounding",
    ]})
    amount = fields.String(metadata={"example": "1000.00"})
    line = fields.Integer(metadata={"description": "The line it comes from, counted from 1"})
    code = fields.String(metadata={"description": "Catalogue 53 or 05, or the name of another total"})
    exact = fields.String(metadata={"description": "Before it was rounded to céntimos, where it was"})
    es = fields.String()
    en = fields.String()


class ExplainedTotal(OpenSchema):
    """A total and the steps that add up to it."""

    amount = fields.String(metadata={"example": "1180.00"})
    es = fields.String()
    en = fields.String()
    steps = fields.List(fields.Nested(ExplainedStep))


class AnswerTotals(OpenSchema):
    """The totals, each with the type the contract gives it."""

    net_amount = fields.Raw(metadata={"type": "number"})
    taxes_amount = fields.Raw(metadata={"type": "number"})
    total_amount = fields.String(metadata={"example": "1180.00"})
    explanation = fields.Dict(
        keys=fields.String(), values=fields.Nested(ExplainedTotal), allow_none=True, metadata={
            "description": "With explain=1: value, tax_total, price, payable and the tributes (tax.1000, base.1000); "
                           "the steps of each add up to it. null for a kind without lines"
        },
    )


class ElectronicDocument(OpenSchema):
    """The files of the voucher, base64."""

    document_xml = fields.String(metadata={"description": "the signed XML"})
    document_pdf = fields.String(allow_none=True, metadata={
        "description": "the printed representation; null when issuing unless asked for, and where it cannot be made"
    })
    stamp_img = fields.String(allow_none=True, metadata={"description": "with generate_stamp=1: the QR code, PNG"})
    document_cdr = fields.String(allow_none=True, metadata={"description": "the CDR's XML, once there is one"})
    digest_value = fields.String()
    qr_text = fields.String()


class DeliveryAnswer(OpenSchema):
    """How far the voucher is on its way to SUNAT."""

    state = fields.String(metadata={"enum": ["waiting", "sending", "unknown", "awaiting_ticket", "done", "held"]})
    phase = fields.String(metadata={
        "enum": [str(phase) for phase in Phase], "description": "What is known of the voucher at SUNAT",
    })
    reason = fields.String(metadata={
        "description": "The class of answer that led to a refusal or a hold (`chasqui outcomes`); empty while none did"
    })
    tries = fields.Integer()
    next_attempt = fields.String(allow_none=True, metadata={"format": "date-time"})
    deadline = fields.String(allow_none=True, metadata={"format": "date-time"})
    ticket = fields.String(allow_none=True)
    last_code = fields.String()
    last_text = fields.String()


class ObservationAnswer(OpenSchema):
    """A remark of SUNAT's or of ours that does not stand in the way."""

    code = fields.String()
    pointer = fields.String()
    source = fields.String(metadata={"enum": ["sunat", "chasqui"]})
    message = fields.String()


class ResultAnswer(OpenSchema):
    """v1's second channel for errors: status 0 is success."""

    status = fields.Integer()
    error_message = fields.String()


class NotesAnswer(OpenSchema):
    """What notes have changed of a factura or boleta; of GET one. Those that do not stand count for nothing."""

    total = fields.String(metadata={"example": "1180.00"})
    credited = fields.String(metadata={"example": "118.00"})
    debited = fields.String(metadata={"example": "0.00"})
    balance = fields.String(metadata={"description": "total + debited - credited", "example": "1062.00"})


class AdvanceUseAnswer(OpenSchema):
    """A voucher that uses the advance and stands."""

    document_id = fields.Integer()
    number = fields.String(metadata={"example": "F001-9"})
    status = fields.String()
    affectation = fields.String(metadata={"enum": ["taxed", "exempt", "unaffected", "any"]})
    amount = fields.String()


class AdvanceAnswer(OpenSchema):
    """How a payment in advance stands; of GET one. ``total`` is with its debit notes and without its credit notes."""

    total = fields.String(metadata={"example": "1180.00"})
    used = fields.String(metadata={"example": "590.00"})
    balance = fields.String(metadata={"example": "590.00"})
    by_affectation = fields.Dict()
    used_by = fields.List(fields.Nested(AdvanceUseAnswer))


class MailStanding(OpenSchema):
    """A mail of the voucher; the whole log is at ``/mails``."""

    to = fields.String()
    state = fields.String(metadata={"enum": ["waiting", "sent", "failed"]})
    sent_at = fields.String(allow_none=True, metadata={"format": "date-time"})


class DocumentAnswer(OpenSchema):
    """A voucher."""

    document_id = fields.Integer()
    header = fields.Nested(AnswerHeader)
    details = fields.List(fields.Dict())
    references = fields.List(fields.Dict(), allow_none=True)
    global_modifiers = fields.List(fields.Dict(), allow_none=True)
    totals = fields.Nested(AnswerTotals)
    electronic_document = fields.Nested(ElectronicDocument, allow_none=True)
    payment_link = fields.Dict(allow_none=True)
    status = fields.String(metadata={"enum": ["issued", "accepted", "observed", "rejected", "voided", "lapsed"]})
    origin = fields.String(metadata={"enum": ["issued", "imported"]})
    delivery = fields.Nested(DeliveryAnswer, allow_none=True)
    observations = fields.List(fields.Nested(ObservationAnswer))
    edition = fields.Integer()
    replaces = fields.Integer(allow_none=True)
    replaced_by = fields.Integer(allow_none=True)
    voiding = fields.Dict(allow_none=True, metadata={"description": (
        "How the wish to void it stands: channel (RA, RC, RR), id and ticket of the summary, state (queued, requested,"
        " sent, accepted, refused), deadline"
    )})
    summary = fields.Dict(allow_none=True, metadata={"description": "The daily summary that carries a boleta"})
    mails = fields.List(fields.Nested(MailStanding), metadata={"description": "The last five, the newest first"})
    external_id = fields.String(allow_none=True)
    notes = fields.Nested(NotesAnswer, allow_none=True)
    advance = fields.Nested(AdvanceAnswer, allow_none=True)
    entry = fields.Dict(metadata={"description": "The entry of its series: of internal papers only"})
    result = fields.Nested(ResultAnswer)
    links = fields.Dict(data_key="_links")


class DryRunAnswer(OpenSchema):
    """What would be issued; nothing was numbered, stored or sent."""

    dry_run = fields.Boolean()
    header = fields.Nested(AnswerHeader)
    totals = fields.Nested(AnswerTotals)
    observations = fields.List(fields.Nested(ObservationAnswer))
    result = fields.Nested(ResultAnswer)


class DocumentList(OpenSchema):
    """A page of vouchers, in HAL and as a plain array."""

    documents = fields.List(fields.Dict())
    embedded = fields.Dict(data_key="_embedded")
    links = fields.Dict(data_key="_links")
    page = fields.Integer()
    page_count = fields.Integer()
    page_size = fields.Integer()
    total_items = fields.Integer()


class BatchResult(OpenSchema):
    """What became of one item: ``document`` when it was issued, ``error`` when it was refused."""

    index = fields.Integer()
    status = fields.Integer(metadata={"example": 201})
    document = fields.Nested(DocumentAnswer)
    error = fields.Dict()


class BatchAnswer(OpenSchema):
    """The items' outcomes in their order."""

    results = fields.List(fields.Nested(BatchResult))
