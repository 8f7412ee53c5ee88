"""Other people's file formats: ARPA, word2vec, Hugging Face."""
