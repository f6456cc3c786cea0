"""From the bytes a program prints to immutable frames."""
