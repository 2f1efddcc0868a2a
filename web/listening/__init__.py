"""The public face: the songs, and what they are made of."""
