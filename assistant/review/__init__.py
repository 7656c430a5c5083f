"""Reviews: what is asked again and when, so that it is remembered on the day of the interview."""
