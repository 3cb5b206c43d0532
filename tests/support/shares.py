"""Fractions to draw: hypothesis searches a denominator for each of its own, which takes longer."""

from fractions import Fraction

from hypothesis import strategies as st


def fractions(low: int, high: int, denominators: int = 10**6) -> st.SearchStrategy[Fraction]:
    """Fractions from low to high, both included, with denominators up to a number."""

    def between(numerator: int, denominator: int) -> Fraction:
        steps = (high - low) * denominator
        return low + Fraction(numerator % (steps + 1), denominator)

    numerators = st.integers(0, (high - low) * denominators)
    return st.builds(between, numerators, st.integers(1, denominators))
