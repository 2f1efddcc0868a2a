"""Collections of passages: gathered from wherever they are found, noted and coded, heard in a row, taken along."""
