"""The owner's app: the back office in a pocket, at addresses of its own, for which its own worker answers."""
