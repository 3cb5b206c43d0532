"""The two engines: URLs, connections, tables, bulk writing."""
