"""Gathered passages as files: a table, a document, and a project for software that codes texts."""
