"""The web edge: guarded routes, request context, answers, forms, errors, and the middleware round all of it."""
