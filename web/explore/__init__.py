"""Browsing the testimonies: a map, a time line, themes and a list, all of what this viewer may know of."""
