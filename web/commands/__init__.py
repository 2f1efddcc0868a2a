"""The subcommands of `messenger`, one file each, named like the command."""
