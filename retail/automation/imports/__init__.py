"""Imports: a file is handed in, its columns are named, its rows are checked, and then stored, by jobs."""
