"""Transcript versions, editing, review and quotations."""
