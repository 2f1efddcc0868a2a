"""The lyric desk: from what she said to what is sung."""
