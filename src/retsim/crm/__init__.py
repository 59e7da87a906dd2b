"""What a firm can know of customers, and the small models that it fits to that: never a customer's inner state."""
