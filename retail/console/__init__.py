"""The operator's own pages: which businesses there are and whether they trade. Never what they sell, or to whom."""
