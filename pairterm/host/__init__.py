"""The session process: the pty, the actor around the core, and the way out to gateways."""
