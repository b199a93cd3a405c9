"""What is wrong with a dataset, said in sentences: one check an idea, and what to type next."""
