"""The process that records a session: a watching client of the host's local socket that writes a file."""
