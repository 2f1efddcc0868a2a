"""A testimony, read and heard."""
