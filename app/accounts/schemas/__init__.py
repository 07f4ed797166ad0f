"""What the accounts room reads and writes on the wire, one module per thing."""
