"""The sections of analytics: figures of any time, narrowed and compared by their address, down to the receipts."""
