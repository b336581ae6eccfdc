"""The shop's vocabulary as pure values: money, quantities, barcodes, ids, time, errors, words. No I/O here."""
