"""What the shop sells: products with SKU, barcodes, price, tax class and category, and the tills' copy of them.

Every change takes the tenant's next catalogue version while holding its head row, so versions become visible in
order and a till that asks for "everything since 812" misses nothing.
"""
