"""Sound and timed text as bytes: decoding, deriving, redacting, storing, and the file formats of timed text."""
