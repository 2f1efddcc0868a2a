"""Custody: the ledgers, the vault, originals under seal, and what the stewards look after."""
