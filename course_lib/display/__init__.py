"""Pictures: figures and widgets."""
