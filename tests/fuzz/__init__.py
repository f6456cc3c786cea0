"""Fuzz targets: run for seconds in CI, for hours by hand."""
