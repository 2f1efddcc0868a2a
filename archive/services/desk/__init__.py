"""The lyric desk: gathering, drafting, keeping, and the thread from a line back to who said it."""
