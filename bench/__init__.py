"""Every promise of speed, measured against its yardstick in one interleaved run."""
