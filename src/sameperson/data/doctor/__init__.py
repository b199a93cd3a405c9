"""The doctor checks a dataset and says in sentences what is wrong with it and what to type next."""
