"""How it is found: terms, exact and FAISS vector search, lexical search, fusion, the coverage gate, storage."""
