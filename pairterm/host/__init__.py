"""The session process: the pty, the actor around the session core, and the link to a gateway."""
