"""Cataloguing: what came in, what is said of it, its terms, and a testimony as its page shows it."""
