"""Documents: the texts that editors stream to a session. Pure: no I/O, no clock."""
