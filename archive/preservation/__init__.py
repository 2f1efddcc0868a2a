"""Kept for whoever comes after: descriptions beside the originals, adopting, backups."""
