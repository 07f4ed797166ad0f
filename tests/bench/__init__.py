"""How fast it is, in ratios: every figure stands beside a floor measured in the same run, because machines are noisy.

=============  ========================================================================================
``rounds``     interleaved rounds: everything is measured in each round, medians are taken over rounds
``vouchers``   the neutral factura of n lines that is issued here
``building``   from the request to signed bytes on one core, beside a bare RSA-2048 signature
``booking``    the book of a month, beside Python's own csv
``issuing``    issuing over HTTP on both databases, beside a bare insert and commit
``hot``          one series against a hundred and against one transaction a voucher, in the process and over HTTP
``delivering``   vouchers on their way a second, beside the slots over SUNAT's time to answer; a look at the line
``counting``     threads at the counters of one process, for ``hot``
``paging``     the console's pages with many vouchers, beside the same pages with none
``load``       the tills: a client of its own process that stops by itself
``floor``      the bare insert and commit: processes of their own, without any of our code
``watching``   who uses the processors meanwhile, and which database sessions wait for a lock
``office``     the installation that is measured: an account, a certificate, a key, a hundred series
``steps``      a profile of one request, split by step
``tables``     the figures for people
=============  ========================================================================================

Run it with ``./chasqui bench [--quick] [--only PART] [--json FILE|-] [--profile]``. It is no test of speed: nothing
here fails because a machine is slow.
"""
