"""Chained rows and the audit log."""
