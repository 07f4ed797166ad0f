"""The shared rows: vouchers, signed editions, deliveries, attempts, evidence, events; and how they may change."""
