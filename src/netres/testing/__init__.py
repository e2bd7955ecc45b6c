"""For test suites: the laws every driver keeps, sample configurations, and real software in network namespaces."""
