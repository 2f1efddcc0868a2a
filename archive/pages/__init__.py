"""Gathers what one page shows."""
