"""The public face: what `import entrepot as ep` offers, each with an example that is run.

Functions import what they need when they are called, so that a check of a folder does not wait for
the compilers of an assignment.
"""
