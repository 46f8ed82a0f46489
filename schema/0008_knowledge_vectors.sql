-- Only vectors of the same model can be compared.
alter table knowledge.chunk add column embedding_model text;
