"""What narrators decide: consent said, read back, narrowed and withdrawn, and everything a withdrawal reaches."""
