"""Where recordings and transcript files come in, and where what was refused goes."""
