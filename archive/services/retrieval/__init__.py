"""Retrieval: the index kept true, and answers as far as the gate lets somebody have them."""
