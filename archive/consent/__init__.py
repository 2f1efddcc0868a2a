"""What is allowed, and what guards it."""
