"""What may be found, and the index kept true."""
