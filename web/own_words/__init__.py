"""A narrator's own pages, by her code and without an account."""
