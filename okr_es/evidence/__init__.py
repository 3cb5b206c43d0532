"""Evidence: signed checkpoints over the log, proofs, bundles to take home, and their verifier."""
