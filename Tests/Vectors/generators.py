"""Each generator, run in a copy of its folder, must write the files that are committed."""

import os
import shutil
import subprocess
import sys
import tempfile

from checks import expect

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Folder, program, files; a program that is to be redirected writes one file to its output.
PRINTING = [("EngineTests", f"{name}.py", f"{name}.json") for name in ("datapath", "fragments", "pairs", "ipsec")]
WRITING = [
    ("EngineTests", "make_pap_sessions.py", "pap-sessions.json"),
    ("PAPTests", "make_vectors.py", "pap.json", "crypto.json"),
    ("NetTests", "make-ipip-vectors.py", "ipip.json"),
]


def checks():
    for folder, program, *files in PRINTING + WRITING:
        printing = (folder, program, *files) in PRINTING
        yield f"{folder}/Vectors/{program}", lambda a=(folder, program, files, printing): run_again(*a)


def run_again(folder, program, files, printing):
    with tempfile.TemporaryDirectory() as place:
        copy = shutil.copytree(f"{TESTS}/{folder}/Vectors", f"{place}/Vectors")
        for name in files:
            os.remove(f"{copy}/{name}")
        run = subprocess.run(
            [sys.executable, "-B", program], cwd=copy, capture_output=True, timeout=300)
        expect(run.returncode == 0, run.stderr.decode())
        if printing:
            with open(f"{copy}/{files[0]}", "wb") as file:
                file.write(run.stdout)
        for name in files:
            with open(f"{copy}/{name}", "rb") as made, open(f"{TESTS}/{folder}/Vectors/{name}", "rb") as kept:
                expect(made.read() == kept.read(), f"{name} is not what {program} writes")
