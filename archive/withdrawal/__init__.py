"""Taking back, and all that it reaches."""
