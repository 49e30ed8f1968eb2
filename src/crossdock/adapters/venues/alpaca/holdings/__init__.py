"""What an account holds, and the activities that made it so."""
