"""Who may sign in, and who asks to be let in."""
