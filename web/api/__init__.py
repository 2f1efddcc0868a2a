"""What the site gives to machines: bytes and documents."""
