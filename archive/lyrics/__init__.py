"""Drafting together, lyric versions, and where words came from."""
