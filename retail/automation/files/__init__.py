"""Files: CSV, XLSX and JSON, read row by row as cells of text and written row by row, in bounded memory."""
