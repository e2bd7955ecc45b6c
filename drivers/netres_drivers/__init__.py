"""The drivers that come with netres: one folder per platform."""
