"""What the Trading API answers and changes nothing by."""
