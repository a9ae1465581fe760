"""What is measured, and how: ratios of two things done side by side in one run, as medians of several."""
