"""The inbox of exceptions: what each means, what is suggested, and settling one or many of them, with the way back."""
