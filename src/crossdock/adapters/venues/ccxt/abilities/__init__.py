"""What an account can do, one small class per ability; `venue.connect` picks from them."""
