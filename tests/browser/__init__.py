"""Guests in a real browser: Debian's Chromium, driven by its own driver."""
