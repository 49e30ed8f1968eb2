"""Whose signature an action bears: Keccak, addresses and EIP-712."""
