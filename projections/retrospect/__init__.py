"""Plans, results, reviews, comparisons, explanations and replays."""
