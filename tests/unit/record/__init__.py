"""The codecs of recordings."""
