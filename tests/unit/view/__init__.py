"""Unit tests of the view, a file a module."""
