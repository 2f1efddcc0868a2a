"""A testimony, or a moment of it, as other people's software cites it: one format, one module."""
