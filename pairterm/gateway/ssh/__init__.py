"""The SSH door of a gateway: logins, connections, channels. asyncssh is imported here."""
