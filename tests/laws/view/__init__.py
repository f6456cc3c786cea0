"""Laws of the view: painting, convergence, input."""
