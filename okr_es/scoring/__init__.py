"""Progress, expectation, pace and status: pure functions on exact numbers."""
