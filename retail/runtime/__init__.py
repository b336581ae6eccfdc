"""The machinery below the features: database, tenancy, outbox, jobs, live channels, web, embedded servers."""
