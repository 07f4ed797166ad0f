"""The queue of jobs on PostgreSQL: that something is to be delivered, told in the transaction that made it so.

==============  ==========================================================================
``offering``    a job for a delivery, inside the caller's transaction
``crew``        who takes the jobs: a worker's threads, as many machines as one likes
``schema``      the tables of the library, in a schema of their own
==============  ==========================================================================

The one room that knows procrastinate (procrastinate.readthedocs.io). A job says no more than "this delivery is due":
who takes it makes one attempt at whatever comes first in line, so that issuers, deadlines, shut doors and budgets are
minded in one place (`app.delivery.dispatch`). All truth is in the delivery rows; a job that is lost is made up for by
the next sweep, and one too many finds nothing to do.
"""

from __future__ import annotations

from app.queue.offering import offer, waiting

__all__ = ["offer", "waiting"]
