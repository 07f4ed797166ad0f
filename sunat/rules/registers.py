"""Which lists of SUNAT a code needs that no XML can decide, and where this gateway knows the answer all the same.

Source: column of lists in the validation workbook of 2026-02-12; the wording is ours. The table feeds the generator of
the list of codes; judging needs none of it.
"""

from __future__ import annotations

from typing import Final

NEEDS: Final = {
    "vouchers": ("los comprobantes que SUNAT tiene registrados", "the vouchers that SUNAT has on record"),
    "taxpayers": ("el padrón de RUC", "the register of taxpayers"),
    "lists": ("padrones de SUNAT por RUC", "lists that SUNAT keeps of taxpayers"),
    "paper": ("las autorizaciones de comprobantes físicos", "the authorisations of paper vouchers"),
    "senders": ("quién envía por quién (PSE)", "who may send for whom (PSE)"),
    "certificates": ("los certificados comunicados a SUNAT", "the certificates that SUNAT was told of"),
    "people": ("el registro de personas (RENIEC)", "the register of persons (RENIEC)"),
    "customs": ("las declaraciones de aduanas y sus partidas", "customs declarations and their headings"),
    "deposits": ("las constancias de depósito", "certificates of deposit"),
    "transport": ("los registros de transporte (MTC)", "the registers of transport (MTC)"),
    "premises": ("los establecimientos anexos", "the establishments of taxpayers"),
    "terms": ("los plazos que SUNAT fija aparte", "terms that SUNAT sets apart"),
}
"""What a list is called."""

CHECKED: Final = {
    "series": ("el contador de la serie, que no repite ni reusa números", "the counter: no number is used twice"),
    "range": ("los rangos de papel registrados", "the registered ranges of paper"),
    "ledger": ("nuestro libro, si el comprobante es de aquí", "our ledger, where the voucher is ours"),
    "registers": ("los padrones importados, como aviso", "the imported registers, as a warning"),
    "context": ("la regla y los padrones importados, como aviso", "the row and the imported registers, as a warning"),
    "account": ("la cuenta: canal, RUC y certificado", "the account: channel, RUC and certificate"),
    "rule": ("la regla, con el plazo de la norma", "the row, with the term of the norm"),
    "": ("solo SUNAT", "SUNAT alone"),
}
"""Where a code that needs a list is looked at here; empty where nobody but SUNAT can."""

REGISTER_CODES: Final = {
    "0111": ("senders", "account"), "0154": ("senders", "account"),
    "2325": ("certificates", "account"), "2326": ("certificates", "account"),
    "1032": ("vouchers", "series"), "1033": ("vouchers", "series"), "1084": ("vouchers", ""),
    "2119": ("vouchers", "ledger"), "2120": ("vouchers", "ledger"), "2121": ("vouchers", "ledger"),
    "2207": ("vouchers", "ledger"), "2208": ("vouchers", "ledger"), "2209": ("vouchers", "ledger"),
    "2404": ("paper", ""), "2885": ("vouchers", "ledger"), "3209": ("vouchers", "ledger"),
    "3218": ("vouchers", "ledger"), "3219": ("paper", ""), "4368": ("vouchers", "ledger"), "4441": ("paper", ""),
    "1078": ("lists", "context"), "1080": ("lists", "context"), "1086": ("lists", ""), "3097": ("lists", ""),
    "3269": ("lists", "registers"), "3281": ("lists", ""), "4331": ("lists", ""), "4439": ("lists", "registers"),
    "1083": ("taxpayers", "registers"), "2010": ("taxpayers", "registers"), "2011": ("taxpayers", "registers"),
    "2529": ("taxpayers", ""), "4013": ("taxpayers", "registers"), "4014": ("taxpayers", "registers"),
    "2450": ("taxpayers", ""), "2460": ("taxpayers", ""), "2461": ("taxpayers", ""),
    "3207": ("paper", "range"), "4204": ("paper", "range"), "3228": ("paper", ""),
    "2617": ("lists", "registers"), "4091": ("lists", "registers"), "4086": ("lists", "registers"),
    "4089": ("lists", "registers"), "4090": ("lists", ""), "4285": ("lists", "registers"),
    "2621": ("taxpayers", "registers"), "2605": ("taxpayers", "registers"),
    "2609": ("vouchers", ""), "2610": ("vouchers", ""), "3312": ("vouchers", ""), "3325": ("vouchers", ""),
    "3326": ("vouchers", ""), "3328": ("vouchers", ""), "3329": ("vouchers", ""),
    "2108": ("terms", "rule"), "3439": ("taxpayers", "context"), "1059": ("certificates", "account"),
    "2336": ("certificates", "account"),
    **dict.fromkeys(("3408", "3443", "4373", "4374", "4051", "4052", "3336", "4379", "4380", "3348", "3349", "3350",
                     "3351", "3412", "3385", "4420", "4421", "3389", "3402"), ("taxpayers", "")),
    **dict.fromkeys(("3444", "2450", "3338", "3359", "3386", "3401"), ("people", "")),
    **dict.fromkeys(("3341", "3394", "4435", "3424", "4436", "3378", "3432"), ("customs", "")),
    **dict.fromkeys(("3342", "4432", "4404"), ("deposits", "")),
    **dict.fromkeys(("4393", "4398", "4400", "4412"), ("transport", "")),
    **dict.fromkeys(("3366", "3367", "3370", "3371"), ("premises", "")),
    **dict.fromkeys(("2536", "4382", "3433", "3434"), ("vouchers", "")),
    "4440": ("lists", ""), "2601": ("lists", "registers"), "2957": ("terms", "rule"), "2988": ("paper", "range"),
    **dict.fromkeys(("2105", "2282", "2323", "2375", "2398", "2663", "2750", "2751", "2987", "2989", "2990"),
                    ("vouchers", "ledger")),
    "2471": ("vouchers", ""),
}
"""The list that a code needs, and where we look."""
