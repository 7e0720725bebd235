#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Who may include whom, and where the preprocessor may decide.

    solver -> { io, ml, regularizers, physics }     ml, io -> { regularizers, physics }
    regularizers -> physics                         physics -> Kokkos, nothing else

A third-party header is included by its adapters alone. An offence is reported with its file and line.
"""

import re
import unittest
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

MAY_INCLUDE = {
    "physics": {"physics"},
    "regularizers": {"regularizers", "physics"},
    "ml": {"ml", "regularizers", "physics"},
    "io": {"io", "regularizers", "physics"},
    "solver": {"solver", "io", "ml", "regularizers", "physics"},
}

# Headers that are not the language's, and the files that may include them.
ADAPTERS = {
    r"Kokkos_.*": ["physics/field.hpp"],
    r"mpi\.h": ["solver/communicator.cpp", "io/hdf5.cpp"],
    r"petsc.*": ["solver/tao_*.cpp", "solver/tao_petsc.hpp"],
    r"fftw3\.h": ["solver/fourier.cpp"],
    r"zfp\.h": ["physics/histories/zfp.cpp"],
    r"yaml-cpp/.*": ["io/config.cpp"],
    r"hdf5\.h": ["io/hdf5.cpp"],
    r"(torch|ATen|c10)/.*": ["ml/torch.hpp"],
    r"dlfcn\.h": ["ml/load_torch.cpp"],
    r"CLI/.*": ["solver/main.cpp"],
    r"(fmt|nlohmann)/.*": ["io/*", "ml/*", "solver/*"],
    r"immintrin\.h": ["physics/denormals.hpp", "physics/pack.hpp"],
    # the operating system's
    r"unistd\.h|fcntl\.h|malloc\.h|sys/.*": ["io/*.cpp", "ml/*.cpp", "solver/*.cpp", "physics/memory.cpp"],
}
STANDARD = re.compile(r"[a-z_]+")

# What a condition of the preprocessor may ask, and where: the two seams (Torch, PETSc), the precision's default
# what not every processor or system has, and the width of a pack on a CPU and a GPU.
CONDITIONS = {
    r"FATHOM_\w*TORCH": ["ml/*"],
    r"FATHOM_\w*PETSC": ["solver/*"],
    r"FATHOM_REAL": ["physics/field.hpp"],
    r"__SSE2__": ["physics/denormals.hpp"],
    r"__linux__|__GLIBC__": ["physics/memory.cpp"],
    r"__AVX512F__|__AVX2__|__FMA__|FATHOM_VECTOR_BITS|KOKKOS_ENABLE_\w+": ["physics/pack.hpp"],
}

INCLUDE = re.compile(r"\s*#\s*include\s*(\S.*)")
CONDITION = re.compile(r"\s*#\s*(?:el)?if(?:n?def)?\b\s*(.*)")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
SPDX = "// SPDX-License-Identifier: BSD-3-Clause"
MOST_LINES = 500


def allowed(table, word, file):
    """Whether an entry of a table that fits the word names the file."""
    return any(re.fullmatch(entry, word) and any(fnmatchcase(file, pattern) for pattern in files)
               for entry, files in table.items())


def wrong_include(file, target):
    quoted = re.match(r'"([^"]+)"', target)
    bracketed = re.match(r"<([^>]+)>", target)
    if quoted:
        folder, other = file.split("/")[0], quoted[1].split("/")[0]
        if other not in MAY_INCLUDE:
            return f'"{quoted[1]}" is not named from the repository\'s root'
        if other not in MAY_INCLUDE[folder]:
            return f"{folder} may not include {other}: {quoted[1]}"
    elif bracketed:
        if not STANDARD.fullmatch(bracketed[1]) and not allowed(ADAPTERS, bracketed[1], file):
            return f"<{bracketed[1]}> belongs into its adapter"
    else:
        return f"an include that cannot be read: {target}"
    return None


def wrong_condition(file, condition):
    names = [name for name in re.findall(r"[A-Za-z_]\w*", condition) if name != "defined"]
    if names and all(allowed(CONDITIONS, name, file) for name in names):
        return None
    return f"the preprocessor may not decide here: {condition}"


def offences(file, text):
    """All that is wrong with the includes and conditions of a file of the program, as "file:line: what"."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        include, condition = INCLUDE.match(line), CONDITION.match(line)
        wrong = (wrong_include(file, include[1]) if include else
                 wrong_condition(file, condition[1]) if condition else None)
        if wrong:
            found.append(f"{file}:{number}: {wrong}")
    return found


def files(folders, suffixes):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


class Layering(unittest.TestCase):
    def assert_clean(self, found):
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_includes_and_conditions_are_where_they_belong(self):
        program = files(MAY_INCLUDE, {".hpp", ".cpp"})
        self.assertGreater(len(program), 50)
        self.assert_clean([wrong for path in program for wrong in offences(name_of(path), path.read_text())])

    def test_every_cpp_file_begins_with_its_licence(self):
        self.assert_clean([f"{name_of(path)}:1: the SPDX line is missing"
                           for path in files([*MAY_INCLUDE, "tests"], {".hpp", ".cpp"})
                           if not path.read_text().startswith(SPDX + "\n")])

    def test_no_file_is_longer_than_a_sitting(self):
        lengths = {name_of(path): len(path.read_text().splitlines())
                   for path in files([*MAY_INCLUDE, "tests", "cases", "cmake"], {".hpp", ".cpp", ".py", ".cmake"})}
        self.assert_clean([f"{name}:{lines}: more than {MOST_LINES} lines"
                           for name, lines in lengths.items() if lines > MOST_LINES])

    def test_nothing_is_left_unfinished(self):
        everything = files([*MAY_INCLUDE, "tests", "cases", "cmake"],
                           {".hpp", ".cpp", ".py", ".cmake", ".txt", ".md", ".yaml"})
        self.assert_clean([f"{name_of(path)}:{number}: {line.strip()}" for path in everything
                           for number, line in enumerate(path.read_text().splitlines(), 1) if UNFINISHED.search(line)])


class TheRules(unittest.TestCase):
    """What they catch and what they let pass, on lines made up."""

    def test_arrows_that_run_backwards_are_found(self):
        for file, header in (("physics/grid.hpp", "regularizers/regularizer.hpp"), ("physics/grid.cpp", "io/hdf5.hpp"),
                             ("physics/equations/acoustic.cpp", "solver/case.hpp"),
                             ("regularizers/tikhonov.cpp", "ml/geology.hpp"), ("io/config.cpp", "solver/case.hpp"),
                             ("io/config.cpp", "ml/geology.hpp"), ("ml/geology.cpp", "io/config.hpp"),
                             ("solver/case.cpp", "tests/physics/problem.hpp"), ("solver/band.cpp", "filter.hpp")):
            with self.subTest(file=file, header=header):
                self.assertEqual(len(offences(file, f'{SPDX}\n#include "{header}"\n')), 1)

    def test_strangers_in_the_wrong_file_are_found(self):
        for file, header in (("physics/model.hpp", "Kokkos_Core.hpp"), ("regularizers/tikhonov.cpp", "fmt/format.h"),
                             ("physics/propagator.cpp", "unistd.h"), ("solver/inversion.cpp", "mpi.h"),
                             ("solver/tao_line_search.hpp", "petsctao.h"), ("solver/inversion.cpp", "petscvec.h"),
                             ("solver/filter.cpp", "fftw3.h"), ("io/option_value.cpp", "yaml-cpp/yaml.h"),
                             ("io/model_file.cpp", "hdf5.h"), ("ml/network.cpp", "torch/torch.h"),
                             ("solver/commands.cpp", "CLI/CLI.hpp"), ("io/config.cpp", "unheard_of.hpp")):
            with self.subTest(file=file, header=header):
                found = offences(file, f"{SPDX}\n\n  # include <{header}>\n")
                self.assertEqual([wrong.split(" ")[0] for wrong in found], [f"{file}:3:"])

    def test_conditions_outside_the_seams_are_found(self):
        for file, line in (("physics/sweep.hpp", "#ifdef __CUDA_ARCH__"), ("physics/grid.hpp", "#ifndef FATHOM_REAL"),
                           ("solver/main.cpp", "#if 0"), ("ml/geology.cpp", "#if defined(FATHOM_TORCH) && FAST"),
                           ("physics/field.hpp", "#elif defined(FAST)"), ("io/hdf5.cpp", "#if __has_include(<zfp.h>)")):
            with self.subTest(file=file, line=line):
                self.assertEqual(len(offences(file, line)), 1)

    def test_what_belongs_is_let_pass(self):
        for file, line in (("solver/case.cpp", '#include "io/config.hpp"'), ("ml/torch.hpp", "#include <torch/torch.h>"),
                           ("solver/tao_state.cpp", "#include <petsc/private/taolinesearchimpl.h>"),
                           ("physics/grid.hpp", "#include <array>"), ("physics/field.hpp", "#ifndef FATHOM_REAL"),
                           ("ml/registry.cpp", "#ifdef FATHOM_HAVE_TORCH"), ("physics/grid.hpp", "#pragma once"),
                           ("physics/denormals.hpp", "#else"), ("io/hdf5.cpp", "#define MPICH_SKIP_MPICXX 1")):
            with self.subTest(file=file, line=line):
                self.assertEqual(offences(file, line), [])


if __name__ == "__main__":
    unittest.main()
