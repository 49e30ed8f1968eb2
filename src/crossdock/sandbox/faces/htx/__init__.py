"""HTX spot, which was Huobi."""
