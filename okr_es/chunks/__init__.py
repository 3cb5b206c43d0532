"""Many commands in one transaction: recorded in chunks, all or none, or tried out."""
