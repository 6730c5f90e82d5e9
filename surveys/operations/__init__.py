"""All writes: keyword-only, `by=` whom, one transaction, effects after the commit. One module a topic."""
