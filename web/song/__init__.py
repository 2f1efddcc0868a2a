"""A song: its words, its voices, and singing it."""
