"""Where somebody speaks, and who."""
