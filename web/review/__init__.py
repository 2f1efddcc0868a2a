"""Finishing transcripts: correcting, reviewing, approving, comparing, bringing in and taking out."""
