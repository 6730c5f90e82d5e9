"""Definitions, measurements, series, benchmarks and status of indicators. Knows nothing of surveys or goals."""
