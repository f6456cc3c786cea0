"""Laws of recordings."""
