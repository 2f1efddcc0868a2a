"""What the archive knows: narrators, testimonies, transcripts, songs, and who may have what of them.

This room needs no web framework, no ffmpeg and no speech model.
"""
