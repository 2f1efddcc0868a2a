"""IIIF: what is heard and read here, as other institutions' viewers open it."""
