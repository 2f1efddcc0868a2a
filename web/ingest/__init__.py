"""Recordings handed in on the site, and how far they are."""
