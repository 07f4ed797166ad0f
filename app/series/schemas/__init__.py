"""What the series room reads and answers on the wire: ``types`` of the contract, ``series`` and ``entries`` of ours."""
