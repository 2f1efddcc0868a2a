"""What the site gives to machines: bytes of sound, and the interface for programs."""
