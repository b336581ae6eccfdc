"""Keys of the tills: pages and folders of tiles that one touch sells from, made in the office."""
