"""Files that leave the archive, made by a worker."""
