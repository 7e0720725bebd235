#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs that are killed, interrupted or short of disk, and go on as if nothing had happened."""

import random
import resource
import signal
import tempfile
import time
import unittest
from pathlib import Path

import h5py

from harness import (GUARDED_CASE, QUICK_CASE, STEERED_CASE, STOCHASTIC_CASE, EndToEnd, changed, hashes, history,
                     metrics, ranks_of, send, session_of, status, write_guide)

LASTING = tempfile.TemporaryDirectory(prefix="fathom-")
UNBROKEN = {}  # run folders, by the case and the number of ranks


def rows(run):
    """Finished rows of history.csv."""
    path = run / "history.csv"
    return max(0, path.read_text().count("\n") - 1) if path.exists() else 0


def says(run, words):
    path = run / "log.txt"
    return path.exists() and words in path.read_text()


def state(run):
    return status(run)["state"] if (run / "status.json").exists() else "none"


class Resume(EndToEnd):
    text = QUICK_CASE

    def setUp(self):
        super().setUp()
        self.case = self.write_case(self.text)
        self.run_folder = self.folder / "run"

    def invert(self, *more, begin=None, **options):
        begin = begin or self.fathom
        return begin("invert", self.case, "--out", self.run_folder, *more, **options)

    def resume(self, **options):
        return self.invert("--resume", begin=self.succeed, **options)

    def unbroken(self, ranks=1):
        """A run of the same case that nothing happened to."""
        key = (self.text, ranks)
        if key not in UNBROKEN:
            folder = Path(LASTING.name) / f"unbroken-{len(UNBROKEN)}"
            self.succeed("invert", self.case, "--out", folder, ranks=ranks)
            UNBROKEN[key] = folder
        return UNBROKEN[key]

    def assert_as_unbroken(self, ranks=1):
        self.assert_same_results(self.run_folder, self.unbroken(ranks))

    def stop_when(self, condition, stop, *more, **options):
        """Begins the inversion, and stops it once the condition is met; what it did."""
        process = self.invert(*more, begin=self.start, **options)
        if self.wait_for(process, condition):
            stop(process)
        return self.end(process)


class KilledAgainAndAgain(Resume):
    def moments(self):
        """When to kill: before the first checkpoint, in either stage, between the two, and after the last row."""
        chance = random.Random(1)
        first, second, third = chance.randint(1, 3), chance.randint(5, 6), chance.randint(7, 8)

        def later(condition):
            delay = chance.uniform(0, 0.1)

            def met():
                if condition():
                    time.sleep(delay)
                    return True
                return False

            return met

        return [later(lambda: state(self.run_folder) == "running"),
                later(lambda: rows(self.run_folder) >= first),
                later(lambda: says(self.run_folder, "stage 1 ended")),
                later(lambda: rows(self.run_folder) >= second),
                later(lambda: rows(self.run_folder) >= third)]

    def kill_again_and_again(self, ranks):
        killed = 0
        for number, moment in enumerate(self.moments()):
            result = self.stop_when(moment, lambda process: send(session_of(process), signal.SIGKILL),
                                    *["--resume"] * (number > 0), ranks=ranks)
            self.assertIn(result.returncode, (0, -signal.SIGKILL), result.stderr)
            killed += result.returncode != 0
        self.assertGreaterEqual(killed, 3, "the program was too quick to be killed")
        self.resume(ranks=ranks)
        self.assert_as_unbroken(ranks)


class Killed(KilledAgainAndAgain):
    def test_a_run_killed_five_times_ends_as_an_unbroken_one(self):
        self.kill_again_and_again(ranks=1)

    def test_so_does_one_on_two_ranks(self):
        self.kill_again_and_again(ranks=2)

    def test_between_the_end_of_a_stage_and_the_next_checkpoint_nothing_is_lost(self):
        self.stop_when(lambda: says(self.run_folder, "stage 1 ended") and (self.run_folder / "models.h5").exists(),
                       lambda process: process.kill())
        self.resume()
        self.assert_as_unbroken()

    def test_a_finished_run_can_be_resumed(self):
        self.invert(begin=self.succeed)
        for _ in range(2):
            self.resume()
            self.assert_as_unbroken()
            self.assertEqual(status(self.run_folder)["state"], "done")

    def test_there_need_not_be_anything_to_resume(self):
        self.resume()
        self.assert_as_unbroken()


class Steered(Resume):
    """What a guide said and the dual field of the proximal method survive, too."""

    def setUp(self):
        super().setUp()
        self.case = self.write_case(STEERED_CASE)

    def test_a_run_killed_in_either_stage_ends_as_an_unbroken_one(self):
        unbroken = self.folder / "unbroken"
        self.succeed("invert", self.case, "--out", unbroken)
        solves = [int(row["pde_solves"]) for row in history(unbroken)]
        self.assertEqual(solves[0], (3 + 2) * 4, "the image takes three propagations a shot")
        for first, wanted in ((True, 2), (False, 6)):
            self.stop_when(lambda: rows(self.run_folder) >= wanted, lambda process: process.kill(),
                           *([] if first else ["--resume"]))
        self.resume()
        self.assert_same_results(self.run_folder, unbroken)


class Guarded(Resume):
    """What was proposed and what became of it survive; pilots that were not decided on are flown again."""

    def assert_survives(self, case, proposed):
        write_guide(self.folder / "guide.h5", self.unbroken() / "models.h5")
        self.case = self.write_case(case, "guarded.yaml")
        unbroken = self.folder / "unbroken-guarded"
        self.succeed("invert", self.case, "--out", unbroken)
        guide = metrics(unbroken)["guide"]
        self.assertEqual({kind for kind in ("jumps", "steering") if guide[kind]["accepted"]}, {proposed}, guide)
        moments = [lambda: says(self.run_folder, "stage 1 of 2"), lambda: rows(self.run_folder) >= 4,
                   lambda: says(self.run_folder, "stage 2 of 2"), lambda: rows(self.run_folder) >= 7]
        for number, moment in enumerate(moments):
            self.stop_when(moment, lambda process: process.kill(), *["--resume"] * (number > 0))
        self.resume()
        self.assert_same_results(self.run_folder, unbroken)

    def test_a_run_killed_as_it_jumps_and_in_either_stage_ends_as_an_unbroken_one(self):
        self.assert_survives(GUARDED_CASE, "jumps")

    def test_so_does_one_that_is_steered(self):
        self.assert_survives(changed(GUARDED_CASE, ("{mode: on}", "{mode: on, jumps: false}")), "steering")


class KilledWhileStochastic(KilledAgainAndAgain):
    """Moments, counters and the choice of shots are in the checkpoint, or follow from what is."""

    text = STOCHASTIC_CASE

    def test_a_run_on_two_ranks_ends_as_an_unbroken_one(self):
        self.kill_again_and_again(ranks=2)


class Interrupted(Resume):
    def assert_interrupted(self, result):
        self.assertEqual(result.returncode, 130, result.stderr)
        self.assertIn("--resume", result.stdout)
        self.assertEqual(status(self.run_folder)["state"], "interrupted")
        with h5py.File(self.run_folder / "checkpoint.h5") as file:
            self.assertEqual(len(file.attrs["sha256"]), 64)
            self.assertEqual(file["integers/history_rows"][0], len(history(self.run_folder)))

    def test_an_interrupted_run_is_checkpointed_and_goes_on(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                self.run_folder = self.folder / number.name
                result = self.stop_when(lambda: rows(self.run_folder) >= 2, lambda process: process.send_signal(number))
                self.assert_interrupted(result)
                self.assertLess(len(history(self.run_folder)), len(history(self.unbroken())))
                self.resume()
                self.assert_as_unbroken()

    def test_while_the_data_is_prepared_too(self):
        result = self.stop_when(lambda: state(self.run_folder) == "running",
                                lambda process: process.send_signal(signal.SIGINT))
        self.assert_interrupted(result)
        self.resume()
        self.assert_as_unbroken()

    def test_an_interrupt_of_mpirun_loses_nothing(self):
        """Open MPI turns it into its own way to end a job, with its own exit code."""
        result = self.stop_when(lambda: rows(self.run_folder) >= 2, lambda process: process.send_signal(signal.SIGINT),
                                ranks=2)
        self.assertNotEqual(result.returncode, 0)
        self.resume(ranks=2)
        self.assert_as_unbroken(ranks=2)

    def test_a_signal_to_one_rank_stops_them_all(self):
        result = self.stop_when(lambda: rows(self.run_folder) >= 2,
                                lambda process: send(ranks_of(process)[-1:], signal.SIGTERM), ranks=2)
        self.assert_interrupted(result)
        self.resume(ranks=2)
        self.assert_as_unbroken(ranks=2)


class Refused(Resume):
    def test_a_changed_case_is_not_resumed(self):
        self.stop_when(lambda: rows(self.run_folder) >= 2, lambda process: process.send_signal(signal.SIGINT))
        before = hashes(self.run_folder)
        self.write_case(changed(QUICK_CASE, ("max_frequency: 6", "max_frequency: 5.5")))
        result = self.invert("--resume")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("the case has changed", result.stderr)
        self.assertIn("remedy:", result.stderr)
        self.assertEqual(hashes(self.run_folder), before)
        self.write_case(QUICK_CASE)
        self.resume()
        self.assert_as_unbroken()

    def test_results_are_not_overwritten(self):
        self.invert(begin=self.succeed)
        before = hashes(self.run_folder)
        for ranks in (1, 2):
            result = self.invert(ranks=ranks)
            self.assertEqual(result.returncode, 2, result.stderr)
            for words in (f"{self.run_folder} holds the results of a run", "--out", "--resume"):
                self.assertEqual(result.stderr.count(words), 1, result.stderr)
            self.assertEqual(hashes(self.run_folder), before)

    def test_two_runs_do_not_work_in_one_folder(self):
        seconds = []

        def begin_another(process):
            process.send_signal(signal.SIGSTOP)
            seconds.append(self.invert("--resume"))
            process.send_signal(signal.SIGCONT)

        first = self.stop_when(lambda: rows(self.run_folder) >= 2, begin_another)
        self.assertEqual(seconds[0].returncode, 2, seconds[0].stderr)
        self.assertIn(f"another process works in {self.run_folder}", seconds[0].stderr)
        self.assertIn("remedy:", seconds[0].stderr)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assert_as_unbroken()

    def test_a_damaged_checkpoint_is_not_resumed(self):
        self.stop_when(lambda: rows(self.run_folder) >= 2, lambda process: process.send_signal(signal.SIGINT))
        path = self.run_folder / "checkpoint.h5"
        whole = path.read_bytes()
        with h5py.File(path) as file:
            model = file["arrays/model"].id.get_offset() + 1000
        for name, damaged in (("a bit", whole[:model] + bytes([whole[model] ^ 4]) + whole[model + 1:]),
                              ("its end", whole[:len(whole) // 2]), ("everything", b"")):
            with self.subTest(lost=name):
                path.write_bytes(damaged)
                before = hashes(self.run_folder)
                result = self.invert("--resume")
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(f"the checkpoint {path} is damaged", result.stderr)
                self.assertEqual(hashes(self.run_folder), before)
        path.write_bytes(whole)
        self.resume()
        self.assert_as_unbroken()


class FullDisk(Resume):
    def invert_with_room_for(self, size, *more):
        """No file can be larger than `size`, once MPI has begun. A write beyond gives an error, as on a full disk,
        since Python ignores SIGXFSZ and the program inherits that."""
        return self.stop_when(lambda: state(self.run_folder) == "running",
                              lambda process: resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size)),
                              *more, restore_signals=False)

    def test_a_checkpoint_that_finds_no_room_leaves_the_former_one(self):
        size = (self.unbroken() / "checkpoint.h5").stat().st_size
        result = self.invert_with_room_for(size - 1)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("cannot find room for", result.stderr)
        self.assertEqual(status(self.run_folder)["state"], "failed")
        self.assertEqual(list(self.run_folder.glob("*.partial*")), [])
        self.assertTrue((self.run_folder / "checkpoint.h5").exists())
        self.resume()
        self.assert_as_unbroken()

    def test_results_that_find_none_leave_the_former_ones(self):
        self.invert(begin=self.succeed)
        largest = max((self.run_folder / name for name in ("models.h5", "gathers.h5")),
                      key=lambda path: path.stat().st_size)
        whole = largest.read_bytes()
        result = self.invert_with_room_for(len(whole) - 1, "--resume")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(largest.name, result.stderr)
        self.assertEqual(largest.read_bytes(), whole)
        self.resume()
        self.assert_as_unbroken()


if __name__ == "__main__":
    unittest.main()
