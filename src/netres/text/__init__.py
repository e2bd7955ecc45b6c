"""Helpers for platforms whose configuration is text: one mapping for both directions."""
