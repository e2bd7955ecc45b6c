"""Many devices as one, and nothing lost: the journal, and what stands on it."""
