"""Proof under fire: real server processes, killed, crowded and asked again, and a checker that believes only the rows.

===============  ======================================================================================
``place``        the installation under fire: a database, an account with certificate, key and series
``hooks``        inside the server: the fault points of the issue path, wrapped round it from outside
``nursery``      a process that has loaded everything and forks servers, so that a start costs little
``servers``      trees of server processes: started, killed, buried
``sales``        what the clients know: each sale with its key, its body and every answer it got
``tills``        the clients: HTTP over the loopback, many in one thread
``checker``      the rows against what must hold, by plain SQL and another signature library
``audited``        the verdict at the end: the checker's, the product's audit, and its stand-alone checker's
``crash``        SIGKILL and dropped connections, at every fault point and at random
``concurrency``  two hundred clients on one series and on a hundred, on several processes
``delivery``     every fault of the sandbox alone and all mixed, and outages, on a virtual clock
``couriers``     the processes that deliver, killed at every point of an attempt and at random, and one of three
``striking``     inside them: those points
``reckoning``    the rows about delivery against the sandbox's record
``idempotency``  thousands of keys sent many times together, and again after a restart
``fuzz``         mutated vouchers, bytes and zips through everything that judges anybody's files
``taxes``        random sales of every kind against exact fractions, and against every rule
``mutations``    ways to spoil a message, the base64 in it, the zip in that, the CDR in that
``hostile``      thousands of spoilt answers of SUNAT, and a reader that must not be fooled or held up
===============  ======================================================================================

Run one with ``./chasqui campaign NAME [--seed N] [--minutes M] [--json FILE]``. Nothing here is part of the product,
and the product knows nothing of it. Every campaign ends by itself and takes its processes and folders with it.
"""
