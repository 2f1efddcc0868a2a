"""Correcting what is said of a testimony: field by field, with a history, and taken back in one go."""
