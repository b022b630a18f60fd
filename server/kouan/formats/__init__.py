"""The formats of answers and of data: what they are called and what writes them."""
