"""Operations that ask: nothing changes by them."""
