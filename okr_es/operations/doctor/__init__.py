"""The doctor: what stands around the log, looked at one by one; nothing is changed."""
