"""Evidence: signed checkpoints over the log, proofs, bundles, and their offline verifier."""
