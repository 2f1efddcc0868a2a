"""The one gate."""
