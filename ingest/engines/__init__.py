"""Recognisers: what turns windows of speech into words with times. One engine, one file."""
