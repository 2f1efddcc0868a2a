"""Collections of passages, with notes and codes of whoever keeps them."""
