"""What writes answers: one file for each format. Every format carries the legal flags."""
