"""What a business pays for Countertop: plans, subscriptions, invoices, payments, and what happens when none comes."""
