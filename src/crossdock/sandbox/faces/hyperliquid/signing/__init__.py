"""Whose signature an action bears: Keccak, secp256k1 and EIP-712, of the face's own."""
