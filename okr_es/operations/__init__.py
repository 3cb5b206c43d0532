"""Running it: backup, restore, copy, a clean stop, doctor, jobs."""
