"""The thesaurus: each theme's page for everybody, and the room where stewards keep it."""
