"""Operations by which people act; each names who, and by what door."""
