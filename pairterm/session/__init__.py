"""What a session decides: people, roles, sizes. Events in, effects out."""
