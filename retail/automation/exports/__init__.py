"""Exports: every list as a file, by its page's filters; small ones at once, large ones made by a job."""
