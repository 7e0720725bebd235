// SPDX-License-Identifier: BSD-3-Clause
#include "io/run_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>

#include "physics/error.hpp"
#include "tests/io/scratch.hpp"

namespace fathom {
namespace {

TEST(AtomicFile, ReplacesTheWholeFileAndLeavesNothingBeside) {
  const Scratch scratch;
  write_file_atomically(scratch / "a.txt", "a long first text");
  write_file_atomically(scratch / "a.txt", std::string("b\0c", 3));
  EXPECT_EQ(read_file(scratch / "a.txt"), std::string("b\0c", 3));
  write_file_atomically(scratch / "a.txt", "");
  EXPECT_EQ(read_file(scratch / "a.txt"), "");
  EXPECT_FALSE(std::filesystem::exists(scratch / "a.txt.partial"));
}

TEST(AtomicFile, LeavesTheOldFileWholeOnAFullDisk) {
  const Scratch scratch;
  write_file_atomically(scratch / "a.txt", "old");
  {
    const DiskLimit limit(1000);
    EXPECT_THROW(write_file_atomically(scratch / "a.txt", std::string(5000, 'x')), RunError);
  }
  EXPECT_EQ(read_file(scratch / "a.txt"), "old");
  EXPECT_FALSE(std::filesystem::exists(scratch / "a.txt.partial"));
}

TEST(AtomicFile, TellsTheSystemsReason) {
  const Scratch scratch;
  std::filesystem::create_symlink("/dev/full", scratch / "a.txt.partial");
  try {
    write_file_atomically(scratch / "a.txt", "new");
    FAIL() << "the device is full";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("No space left on device"), std::string::npos) << error.what();
  }
  EXPECT_THROW(write_file_atomically(scratch / "no/folder/a.txt", "new"), RunError);
  EXPECT_THROW(read_file(scratch / "absent.txt"), RunError);
}

TEST(RunFolder, IsMadeWithItsParents) {
  const Scratch scratch;
  Communicator one;
  {
    const RunFolder run(scratch / "runs/first", false, one);
    EXPECT_TRUE(std::filesystem::is_directory(scratch / "runs/first"));
    EXPECT_EQ(run.path("models.h5"), scratch / "runs/first/models.h5");
  }
  EXPECT_NO_THROW(RunFolder(scratch / "runs/first", false, one)) << "it is empty still";
}

TEST(RunFolder, WithResultsIsRefusedUnlessTheRunResumes) {
  const Scratch scratch;
  Communicator one;
  const std::string results = RunFolder(scratch / "run", false, one).path("history.csv");
  write_file_atomically(results, "iteration\n");
  EXPECT_THROW(RunFolder(scratch / "run", false, one), UserError);
  EXPECT_NO_THROW(RunFolder(scratch / "run", true, one));
  EXPECT_THROW(RunFolder(results, false, one), UserError);
  EXPECT_THROW(RunFolder(results + "/below", false, one), UserError);
}

TEST(RunFolder, IsOneRunsAsLongAsThatLives) {
  const Scratch scratch;
  Communicator one;
  std::optional<RunFolder> first(std::in_place, scratch / "run", true, one);
  const auto reason_against_another = [&]() -> std::string {
    try {
      RunFolder(scratch / "run", true, one);
    } catch (const UserError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_NE(reason_against_another().find("another process works in"), std::string::npos);
  std::optional<RunFolder> copy = first;
  first.reset();
  EXPECT_NE(reason_against_another(), "");
  copy.reset();
  EXPECT_EQ(reason_against_another(), "");
}

TEST(Log, PutsTimestampsInTheFileOnly) {
  const Scratch scratch;
  std::ostringstream terminal;
  {
    Log log(scratch / "log.txt", true, terminal);
    log.info("first");
    log.warning("second");
    EXPECT_NE(read_file(scratch / "log.txt").find(" warning second\n"), std::string::npos)
        << "flushed at once";
  }
  Log(scratch / "log.txt", true, terminal).info("third");
  EXPECT_EQ(terminal.str(), "first\nwarning: second\nthird\n");
  std::istringstream lines(read_file(scratch / "log.txt"));
  for (const char* expected : {"info first", "warning second", "info third"}) {
    std::string line;
    std::getline(lines, line);
    ASSERT_EQ(line.size(), 20 + std::string(expected).size());
    EXPECT_EQ(line.substr(20), expected);
    EXPECT_EQ(line[4], '-');
    EXPECT_EQ(line[13], ':');
  }
}

TEST(Log, IsSilentOnRanksOtherThanRoot) {
  const Scratch scratch;
  std::ostringstream terminal;
  Log log(scratch / "log.txt", false, terminal);
  log.warning("unheard");
  EXPECT_EQ(terminal.str(), "");
  EXPECT_FALSE(std::filesystem::exists(scratch / "log.txt"));
}

TEST(Log, GoesOnWithoutItsFileAfterOneWarning) {
  std::ostringstream terminal;
  Log log("/dev/full", true, terminal);
  log.info("first");
  log.info("second");
  const std::string shown = terminal.str();
  EXPECT_NE(shown.find("No space left on device"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("cannot write"), shown.rfind("cannot write"));
  EXPECT_NE(shown.find("second\n"), std::string::npos);
}

TEST(Log, ClearsTheProgressBarBeforeALine) {
  std::ostringstream terminal;
  Log log("", true, terminal);
  log.before_line([&] { terminal << "[clear]"; });
  log.info("line");
  EXPECT_EQ(terminal.str(), "[clear]line\n");
}

TEST(Table, GrowsByRowsThatReadBackExactly) {
  const Scratch scratch;
  Table table(scratch / "history.csv", {"iteration", "misfit", "note"}, true);
  table.append({1, 0.1 + 0.2, "plain"});
  table.append({2, std::nan(""), "with, comma \"and\" quotes\nand lines"});
  EXPECT_EQ(read_file(scratch / "history.csv"),
            "iteration,misfit,note\n1,0.30000000000000004,plain\n2,,\"with, comma \"\"and\"\" quotes and "
            "lines\"\n");
}

TEST(Table, IsCutAfterTheRowsThatACheckpointKnows) {
  const Scratch scratch;
  const std::string path = scratch / "history.csv";
  {
    Table table(path, {"iteration", "misfit"}, true);
    for (int row = 0; row < 5; ++row) table.append({row, 0.5});
  }
  std::ofstream(path, std::ios::app) << "5,0.";  // killed while writing
  {
    Table table(path, {"iteration", "misfit"}, true, 3);
    table.append({3, 0.25});
  }
  EXPECT_EQ(read_file(path), "iteration,misfit\n0,0.5\n1,0.5\n2,0.5\n3,0.25\n");
  { Table table(path, {"iteration", "misfit"}, true, 100); }
  EXPECT_EQ(read_file(path), "iteration,misfit\n0,0.5\n1,0.5\n2,0.5\n3,0.25\n");
  EXPECT_THROW(Table(path, {"iteration", "step"}, true, 3), RunError);
  { Table table(path, {"iteration", "misfit"}, true); }
  EXPECT_EQ(read_file(path), "iteration,misfit\n");
}

TEST(Table, FailsOnAFullDiskAndIsSilentOnOtherRanks) {
  const Scratch scratch;
  Table other(scratch / "other.csv", {"iteration"}, false);
  other.append({1});
  EXPECT_FALSE(std::filesystem::exists(scratch / "other.csv"));

  Table table(scratch / "history.csv", {"iteration"}, true);
  const DiskLimit limit(20);
  EXPECT_THROW(for (int row = 0; row < 20; ++row) table.append({row}), RunError);
}

TEST(StatusFile, IsReplacedAtMostTwiceASecondExceptWhenTheStateChanges) {
  const Scratch scratch;
  double now = 100;
  StatusFile file(scratch / "status.json", true, [&] { return now; });
  const auto iteration_after = [&](const char* state, int iteration) {
    Status status;
    status.state = state;
    status.iteration = iteration;
    file.update(status);
    return nlohmann::json::parse(read_file(scratch / "status.json")).at("iteration").get<int>();
  };
  EXPECT_EQ(iteration_after("running", 1), 1);
  now += 0.4;
  EXPECT_EQ(iteration_after("running", 2), 1);
  now += 0.2;
  EXPECT_EQ(iteration_after("running", 3), 3);
  EXPECT_EQ(iteration_after("done", 4), 4);
}

TEST(StatusFile, HoldsEveryFieldAndNullForWhatIsUnknown) {
  const Scratch scratch;
  StatusFile file(scratch / "status.json", true);
  Status status{"running", 1, 3, 7, 20, 0.25, 120, 0.5, 12.5, {}, "file \xff name"};
  status.eta_s = std::nan("");
  file.update(status);
  const nlohmann::json read = nlohmann::json::parse(read_file(scratch / "status.json"));
  EXPECT_EQ(read.at("state"), "running");
  EXPECT_EQ(read.at("stages"), 3);
  EXPECT_EQ(read.at("iterations"), 20);
  EXPECT_EQ(read.at("misfit"), 0.25);
  EXPECT_EQ(read.at("pde_solves"), 120);
  EXPECT_EQ(read.at("progress"), 0.5);
  EXPECT_EQ(read.at("elapsed_s"), 12.5);
  EXPECT_TRUE(read.at("eta_s").is_null());
  EXPECT_EQ(read.size(), 11u);

  StatusFile(scratch / "other.json", false).update(status);
  EXPECT_FALSE(std::filesystem::exists(scratch / "other.json"));
}

}  // namespace
}  // namespace fathom
