"""Verbs over the models."""
