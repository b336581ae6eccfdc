"""Places inside a store: what lies in the store room, the cold room, the window; the till sells from the rest."""
