"""What can be found: documents made of the models, the query language, and the engines."""
