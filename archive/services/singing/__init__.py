"""Songs as they are sung: their recordings, words, times and seams, and what may be taken along."""
