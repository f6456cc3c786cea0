"""What one client's terminal shows, and the bytes that bring it up to date."""
