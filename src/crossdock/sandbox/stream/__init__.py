"""What a venue pushes: typed news, who hears it, and the wires it goes out by."""
