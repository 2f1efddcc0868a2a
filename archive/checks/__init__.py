"""Does the archive hold what it should, and nothing else."""
