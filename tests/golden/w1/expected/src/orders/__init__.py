"""The pipeline orders, made from orders.flow."""
