"""Songs taken along: as words, sound, video, and for the radio."""
