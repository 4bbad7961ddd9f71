"""Is freed memory kept? Counted in the pages that the system has to find anew, in processes of their own."""

import platform
import subprocess
import sys

import pytest

ARRAYS = 30  # of 48 MB: glibc gives back those of more than 32 MB whatever it has learnt
PROGRAM = f"""
import resource, sys, types
if sys.argv[1] == "usual":
    sys.modules["tinytorch.memory"] = types.SimpleNamespace(keep_freed_memory=lambda: False)
import numpy as np
import tinytorch
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(12 * 2**20, np.float32)
before = faults()
for _ in range({ARRAYS}):
    np.ones(12 * 2**20, np.float32)
print(faults() - before)
"""


def faults(habit):
    run = subprocess.run([sys.executable, "-c", PROGRAM, habit], capture_output=True, text=True, check=True)
    return int(run.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked")
def test_pages_of_freed_arrays_are_not_found_anew():
    assert faults("kept") < ARRAYS <= faults("usual")
