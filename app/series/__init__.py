"""Series and their counters: registering, choosing, taking numbers, declaring gaps."""
