"""Loads a folder that `./loupe convert FROM TO --format saelens` wrote with SAELens, and compares what SAELens computes
with a reference: which features fire, their values and the reconstruction. Exit code 1 where they differ.

    python docs/benchmarks/saelens_check.py TO FROM/reference.safetensors
"""

import sys

import sae_lens
from safetensors.torch import load_file

LIMIT = 1e-4  # of the reference's standard deviation

folder, reference = sys.argv[1:]
sae = sae_lens.SAE.load_from_disk(folder)
expected = load_file(reference)
features = expected["jumprelu.features"]
reconstruction = expected["jumprelu.reconstruction"]
x = expected["x"][: len(features)]

codes = sae.encode(x).detach()
decoded = sae.decode(codes).detach()


def error(found, wanted):
    return (found - wanted).abs().max().item(), wanted.std().item()


mismatching = ((codes > 0) != (features > 0)).sum().item()
code_error, code_std = error(codes, features)
output_error, output_std = error(decoded, reconstruction)
metadata = sae.cfg.metadata
print(f"SAELens {sae_lens.__version__}: {type(sae).__name__}, {metadata.hook_name} -> {metadata.hook_name_out or metadata.hook_name}")
print(f"tokens {len(x)}, features {sae.cfg.d_sae}, fire {int((features > 0).sum())} times in the reference, {int((codes > 0).sum())} times here")
print(f"features that fire in one only: {mismatching}")
print(f"values: largest error {code_error:.3g}, {code_error / code_std:.2g} of the standard deviation {code_std:.4g}")
print(f"reconstruction: largest error {output_error:.3g}, {output_error / output_std:.2g} of the standard deviation {output_std:.4g}")
equal = mismatching == 0 and code_error <= LIMIT * code_std and output_error <= LIMIT * output_std
print("equal" if equal else "NOT equal")
sys.exit(0 if equal else 1)
