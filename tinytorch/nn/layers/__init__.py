"""The layers: modules around the functions of `nn.functional`, in files of the same names."""
