"""Originals as files: which archive they belong to, what the database does not know, and what may be removed."""
