"""What other programs are taught about our cells, by entry points; and grading, which runs them."""
