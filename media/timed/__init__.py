"""Timed text as files: one format, one module, its specification cited there.

Every song format has `write(lines, ...)` and `read(...)`, which give each other's lines back within the format's own
precision. A line that has no place in time is left out of every format but LRC, which can carry it without a stamp.
"""
