"""The server: connections, bodies and answers on one event loop, in front of a few threads that make pages."""
