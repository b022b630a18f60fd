"""Files of RDF as named graphs, and the words for places."""
