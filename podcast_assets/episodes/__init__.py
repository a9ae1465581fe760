"""Episodes: the log of first sightings, by day."""
