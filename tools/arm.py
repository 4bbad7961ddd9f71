"""Does the wheel install, train and pass its tests on 32-bit ARM, as an old Raspberry Pi has it?

    python tools/arm.py                       # make arm
    python tools/arm.py tests/test_optim.py   # after training, these tests instead of TESTS
    python tools/arm.py --add --json FILE tests/test_optim.py   # and their counts are added to those in the file

Debian's armel (Python 3.11, NumPy 1.24, a default int of 32 bits) is unpacked by debootstrap into build/arm/root and
run by qemu as a processor of the first Raspberry Pi. There the wheel that is built from this tree is installed with
what it asks for, `tinytorch run mlp_digits` must meet its gate, and then the tests must pass. Where the tools for it
are missing, one sentence says which, and nothing has failed. DEBIAN_MIRROR=URL takes the packages from elsewhere.

``--json FILE`` keeps what was counted as a row of `make faults`.

No package's scripts are run: what they would set up, the environment below says. The kernel is told to run ARM's
programs by qemu inside a namespace only, so that nothing of it remains on the machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dependencies import needed
from fault_rows import leave, of_tests, passed, report_to

PROJECT = Path(__file__).resolve().parent.parent
HOME = PROJECT / "build" / "arm"
ROOT, WHEELS = HOME / "root", HOME / "wheels"
RELEASE, PACKAGES = "bookworm", "python3-numpy,python3-pip,python3-venv"
NEEDED = {"debootstrap": "debootstrap", "qemu-arm-static": "qemu-user-static", "unshare": "util-linux"}
TOOLS_FOR_TESTS = ("pytest", "pytest-timeout", "hypothesis")
TESTS = tuple(f"tests/test_{name}.py" for name in ("random", "tensor", "autograd", "optim", "nn", "serialization"))

MARKERS = {"python_version": "3.11", "python_full_version": "3.11.2", "platform_machine": "armv6l"}
# The first bytes of every ARM program, and which of their bits count: qemu's own scripts/qemu-binfmt-conf.sh
MAGIC = r"\x7fELF\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x28\x00"
MASK = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
UNPACK = r"""
for each in "$ROOT"/var/cache/apt/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$each" | tar --extract --keep-directory-symlink --directory "$ROOT"
done
"""
REGISTER = r"""
if ! [ -e /proc/sys/fs/binfmt_misc/qemu-arm ]; then
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
    printf %s ":qemu-arm:M::$MAGIC:$MASK:$QEMU:FP" > /proc/sys/fs/binfmt_misc/register
fi
"""
ENTER = r"""
for each in proc dev; do mount --rbind /$each "$ROOT/$each"; done
mount --bind "$WHEELS" "$ROOT/wheels"
mount --bind "$PROJECT" "$ROOT/project"
libraries=/usr/lib/arm-linux-gnueabi
exec chroot "$ROOT" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/venv/bin:/usr/bin QEMU_CPU=arm1176 \
    PYTHONPYCACHEPREFIX=/root/pycache LD_LIBRARY_PATH=$libraries/blas:$libraries/lapack "$@"
"""


def in_namespace(script: str, *words: str) -> list[str]:
    """Return the command that runs a shell script where its mounts are its own."""
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-euc", script, "sh", *words]


def settings() -> dict[str, str]:
    """Return what the shell scripts call by name."""
    places = {"ROOT": str(ROOT), "WHEELS": str(WHEELS), "PROJECT": str(PROJECT)}
    return {**os.environ, **places, "MAGIC": MAGIC, "MASK": MASK, "QEMU": shutil.which("qemu-arm-static") or ""}


def why_not() -> str | None:
    """Return what keeps this machine from running ARM's programs, if anything does."""
    for program, package in NEEDED.items():
        if shutil.which(program) is None:
            return f"{program} is not here: on Debian or Ubuntu, apt install {package}"
    if os.geteuid() != 0:
        return "debootstrap needs root"
    if subprocess.run(in_namespace(REGISTER), env=settings(), capture_output=True).returncode:
        return "this kernel runs no ARM programs: register qemu-arm with binfmt_misc (Linux 6.7 needs no registering)"
    return None


def mirror() -> list[str]:
    """Return where debootstrap takes its packages: as told, as this machine's apt does, or from where it likes."""
    if told := os.environ.get("DEBIAN_MIRROR"):
        return [told]
    words = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Suite: {RELEASE}"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()[:1]


def unpack_debian() -> None:
    """Fill ROOT once: debootstrap fetches and checks the packages, and all of them are unpacked."""
    if (ROOT / "project").is_dir():  # made last
        return
    shutil.rmtree(ROOT, ignore_errors=True)
    words = ["--foreign", "--arch=armel", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(ROOT)]
    run(["debootstrap", *words, *mirror()], quiet=True)
    run(["sh", "-euc", UNPACK])
    (ROOT / "proc").unlink(missing_ok=True)  # debootstrap's link to this machine's, which chroot would not find
    for name in ("proc", "wheels", "project"):
        (ROOT / name).mkdir(exist_ok=True)


def gather_wheels() -> None:
    """Build our wheel, and fetch what it asks for in forms that are for every machine."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(WHEELS)], quiet=True)
    words = ["--no-deps", "--only-binary=:all:", "--platform=any", "--python-version=3.11", "--dest", str(WHEELS)]
    names = set(needed("tinytorch", *TOOLS_FOR_TESTS, **MARKERS)) - {"tinytorch", "numpy"}  # NumPy is Debian's
    run([sys.executable, "-m", "pip", "download", *words, *sorted(names)], quiet=True)


def run(command: list[str], quiet: bool = False, may_fail: bool = False) -> None:
    """Run a command; end with what it said if it fails, unless it may."""
    done = subprocess.run(command, cwd=PROJECT, env=settings(), capture_output=quiet, text=True, check=False)
    if done.returncode and not may_fail:
        sys.exit(f"make arm: failed: {' '.join(command[-6:])}\n{(done.stdout or '') + (done.stderr or '')}")


def on_arm(*command: str, quiet: bool = False, may_fail: bool = False) -> None:
    """Run a command of the ARM machine."""
    print("arm $", *command, flush=True)
    run(in_namespace(REGISTER + ENTER, *command), quiet, may_fail)


def main() -> None:
    """Install, train, test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", default=TESTS, help="these tests instead of TESTS")
    parser.add_argument("--json", type=Path, help="keep what was counted in this file")
    parser.add_argument("--add", action="store_true", help="to what the file has")
    wishes = parser.parse_args()
    if reason := why_not():
        print(f"make arm: skipped: {reason}.")
        return
    unpack_debian()
    gather_wheels()
    on_arm("/usr/bin/python3", "-m", "venv", "--clear", "--without-pip", "--system-site-packages", "/venv")
    install = ("install", "--quiet", "--no-index", "--find-links=/wheels", "tinytorch", *TOOLS_FOR_TESTS)
    on_arm("/usr/bin/python3", "-m", "pip", "--python", "/venv/bin/python", *install, quiet=True)
    on_arm("python", "-c", "import numpy, platform as p; print(p.machine(), p.python_version(), numpy.__version__)")
    on_arm("python", "-c", "import numpy; assert numpy.dtype(int).itemsize == 4")
    on_arm("tinytorch", "run", "mlp_digits")
    tests = [f"/project/{each}" for each in wishes.tests]
    options = ("-c", "/project/pyproject.toml", "-p", "no:cacheprovider", "-m", "not network")
    on_arm("pytest", "-q", *options, *report_to("/wheels/report.xml"), *tests, may_fail=True)
    how = "Debian armel under qemu (arm1176): the wheel is installed, trains TinyDigits, and is tested"
    row = {"part": "small and other machines", "fault": "a 32-bit processor", "how": how}
    sys.exit(leave({**row, **of_tests(WHEELS / "report.xml")}, wishes.json, passed, wishes.add))


if __name__ == "__main__":
    main()
