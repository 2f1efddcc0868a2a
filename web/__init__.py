"""The Flask site and the `messenger` command."""
