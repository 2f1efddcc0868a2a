"""Known words laid over a recording of them: lyrics over a song, a typed transcript over a testimony."""
