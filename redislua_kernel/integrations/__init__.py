"""What other programs are taught about our cells; each finds its file as an entry point."""
