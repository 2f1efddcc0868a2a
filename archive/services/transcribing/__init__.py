"""Transcripts: versions, the editing of drafts by several people, review and approval."""
