"""The command line: ``chasqui COMMAND``. Every command is a thin layer over the rooms' own operations.

==============  ====================================================================
``running``     demo, serve, worker, migrate
``pretending``  sandbox: a SUNAT of our own, and what it can do wrong
``issuers``     account, key: who issues, and who may ask for it
``admitting``   person: who may sign in to the console
``certifying``  certificate: what signs
``sequences``   series: where numbers come from
``probing``     series probe: how far SUNAT knows them, after a restore
``evidencing``  evidence: a voucher, or a month of them, in a file that proves itself
``keeping``     backup, restore: a copy of everything, and putting it back
``doctoring``   doctor: what is wrong, and what to do
``moving``      import: moving in from another system
``delivering``  deliveries, delivery, reconcile, outcomes: telling SUNAT, and what it answers
``mailing``     mail: whether the mail server takes our mail
``auditing``    audit: every number accounted for
``bookkeeping`` book: books of a month, SUNAT's register of sales, and what differs from SUNAT's list
``publishing``  rates: exchange rates by day, the switch of the reduced rate
``registering``  registers: SUNAT's registers, for warnings before a number is spent
``judging``     validate: what SUNAT's rules say of anybody's files
``rulebook``    moves, rules: the tables, how much they cover, what coming rules would refuse
``vouchers``    render, openapi: what would be signed, what the API says of itself
``progress``    the bar of those that take long
``frame``       what all of them share: settings, the office, errors in one sentence
==============  ====================================================================
"""

from __future__ import annotations

from app.cli.frame import Program

main = Program(
    name="chasqui",
    help=(
        "Numera, firma y envía comprobantes electrónicos a SUNAT, y guarda sus constancias.\n\n"
        "Numbers, signs and sends Peru's electronic vouchers, and keeps their CDRs."
    ),
    commands_by_module={
        "app.cli.running": ("demo", "serve", "worker", "migrate"),
        "app.cli.pretending": ("sandbox",),
        "app.cli.issuers": ("account", "key"),
        "app.cli.admitting": ("person",),
        "app.cli.certifying": ("certificate",),
        "app.cli.sequences": ("series",),
        "app.cli.auditing": ("audit",),
        "app.cli.evidencing": ("evidence",),
        "app.cli.keeping": ("backup", "restore"),
        "app.cli.doctoring": ("doctor",),
        "app.cli.delivering": ("deliveries", "delivery", "reconcile", "outcomes"),
        "app.cli.mailing": ("mail",),
        "app.cli.bookkeeping": ("book",),
        "app.cli.publishing": ("rates",),
        "app.cli.registering": ("registers",),
        "app.cli.judging": ("validate",),
        "app.cli.rulebook": ("rules", "moves"),
        "app.cli.moving": ("import",),
        "app.cli.vouchers": ("render", "openapi"),
    },
)
"""The console script."""
