"""The narrators' room: who they are, and which testimonies are whose."""
