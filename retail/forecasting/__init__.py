"""Forecasts of daily demand: pure numerics, no database and no web. docs/algorithms/forecasting.md.

For workers and the command line: nothing here is imported by the web process, which reads stored forecasts.
"""
