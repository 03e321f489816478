import json
import os
import subprocess
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

folder = Path("{{FOLDER}}").resolve()  # all files of this notebook
folder.mkdir(exist_ok=True)

def ballstick(*arguments):
    """Runs the command line in the notebook's folder; returns what it prints."""
    done = subprocess.run([os.environ.get("BALLSTICK", "ballstick"), *map(str, arguments)], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
