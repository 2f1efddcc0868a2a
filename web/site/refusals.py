"""What the server and the site say to each other about a request that was turned away before it was read."""

REFUSED = "messenger.refused"
"""In the environment of a request that the site is to answer with this status, whatever it asks for."""
