"""Recordings of sessions as data: asciicast lines, the hash chain, playing, exports. No I/O, no clock."""
