"""The list of products at any size: what it is narrowed to, its columns, corrected words, and views that are kept."""
