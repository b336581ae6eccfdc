"""The owner's app: the back office in a pocket, with addresses of its own so that its worker answers for no other page."""
