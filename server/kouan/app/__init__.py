"""What wires the parts together."""
