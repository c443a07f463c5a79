"""Makes the modules of e_id/ importable."""
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent / "e_id"))
