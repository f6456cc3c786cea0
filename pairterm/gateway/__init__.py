"""Where guests arrive: an SSH server without a shell, fed over links."""
