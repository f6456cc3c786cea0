"""The SSH side of a gateway: logins, connections, channels. asyncssh is imported here."""
