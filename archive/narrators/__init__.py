"""Narrators as people of their own: who is known, what they are called, and which testimonies are whose."""
