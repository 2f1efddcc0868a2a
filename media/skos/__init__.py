"""A thesaurus as a file: SKOS, the form in which archives and libraries hand theirs to each other.

SKOS Simple Knowledge Organization System Reference, https://www.w3.org/TR/skos-reference/
"""
