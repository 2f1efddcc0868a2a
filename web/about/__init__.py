"""Who keeps the archive, and what is read aloud."""
