// SPDX-License-Identifier: BSD-3-Clause

// What check() says as a whole, and every error and warning about models and cost; each from a small case
// with one thing wrong.

#include <limits>
#include <sstream>

#include "io/model_file.hpp"
#include "tests/solver/checked_case.hpp"

namespace fathom {
namespace {

TEST(Check, HasNothingToSayAboutASoundCase) {
  const Scratch scratch;
  const Checked checked = check_case(load_text(scratch, sound_case), 2);
  EXPECT_EQ(checked.count(Level::error) + checked.count(Level::warning), 0)
      << to_table(checked.findings, checked.forecast);
  EXPECT_GT(checked.count(Level::ok), 10);
  EXPECT_EQ(checked.complaint(), "");
}

TEST(Check, ForecastsMemoryTimeAndSolves) {
  const Scratch scratch;
  const Case the_case = load_text(scratch, sound_case);
  const Checked one = check_case(the_case), five = check_case(the_case, 5);
  // two stages of 3 iterations: a gradient at the start and 1.15 an iteration; two last predictions; images
  // of two starts, and two at the end: 5 (2 2 (1 + 3 1.15) + 2 + 3 4)
  EXPECT_EQ(one.forecast.pde_solves, 159);
  EXPECT_GT(one.forecast.memory_bytes_per_rank, 1e6);
  EXPECT_LT(one.forecast.memory_bytes_per_rank, 1e9);
  EXPECT_GT(one.forecast.cell_steps_per_second, 1e6);
  EXPECT_NEAR(one.forecast.seconds * one.forecast.cell_steps_per_second / one.forecast.cell_steps, 1, 1e-6);
  EXPECT_NEAR(five.forecast.seconds * five.forecast.cell_steps_per_second / five.forecast.cell_steps, 0.2,
              1e-6);
  EXPECT_NEAR(five.forecast.machine_bytes_per_rank, one.forecast.machine_bytes_per_rank / 5, 1);
  EXPECT_LT(five.forecast.memory_bytes_per_rank, one.forecast.memory_bytes_per_rank);
}

TEST(Check, ForecastStopsAtTheLimitOfSolves) {
  const Scratch scratch;
  const Checked checked =
      check_case(load_text(scratch, changed(sound_case, {{"  stages:", "  max_solves: 40\n  stages:"}})));
  EXPECT_EQ(checked.forecast.pde_solves, 40);
}

TEST(Check, WritesATableOfAHundredColumns) {
  const Scratch scratch;
  const Checked checked = check_case(load_text(
      scratch, changed(sound_case, {{"first: [50, 20]", "first: [-50, 20]"}, {"width: 34", "width: 8"}})));
  const std::string table = to_table(checked.findings, checked.forecast);
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
  for (const char* part : {"OK ", "warning ", "error ", "survey.sources.first: ", "remedy: ",
                           "1 error, 1 warning", " of memory a rank, about "})
    EXPECT_NE(table.find(part), std::string::npos) << part << " is missing in\n" << table;
}

TEST(Check, ReportsAllErrorsAtOnceWithTheirLines) {
  const Scratch scratch;
  const std::string text =
      changed(sound_case, {{"last: [950, 20]", "last: [1250, 20]"}, {"sampling: 0.004", "sampling: 0.04"}});
  const std::string complaint = check_case(load_text(scratch, text)).complaint();
  for (const std::string key : {"last: [1250", "sampling"})
    EXPECT_NE(complaint.find("case.yaml:" + std::to_string(line_of(text, key)) + ": survey."),
              std::string::npos)
        << complaint;
}

// Models

TEST(Check, RejectsASurveyedModelThatIsNotInMetresPerSecond) {
  for (const double factor : {0.001, 10.}) {
    const Scratch scratch;
    Case the_case = load_text(scratch, sound_case);
    Model strange = clone(*the_case.truth);
    std::vector<double> values = to_host(strange.at("vp"));
    for (double& value : values) value *= factor;
    from_host(values, strange["vp"]);
    write_model(scratch / "strange.h5", strange);
    const std::string text =
        changed(sound_case, {{"    order: 4", "    model:\n      file: strange.h5\n    order: 4"}});
    const Checked checked = check_case(load_text(scratch, text));
    EXPECT_TRUE(finds(checked, {Level::error, "velocities", "data.simulate.model", {"m/s is wanted"}}));
    EXPECT_NE(checked.complaint().find("case.yaml:" + std::to_string(line_of(text, "    model:"))),
              std::string::npos)
        << checked.complaint();
  }
}

TEST(Check, RejectsAStartThatIsNotFinite) {
  const Scratch scratch;
  Case the_case = load_text(scratch, sound_case);
  std::vector<double> values = to_host(the_case.start.at("vp"));
  values[17] = std::numeric_limits<double>::quiet_NaN();
  from_host(values, the_case.start["vp"]);
  EXPECT_TRUE(finds(check_case(the_case), {Level::error, "velocities", "start", {"1 value of the start"}}));
}

TEST(Check, RejectsAModelWithoutVelocity) {
  const Scratch scratch;
  Case the_case = load_text(scratch, sound_case);
  the_case.start.properties["rho"] = the_case.start.properties.at("vp");
  the_case.start.properties.erase("vp");
  EXPECT_TRUE(finds(check_case(the_case), {Level::error, "velocities", "start", {"no velocity"}}));
}

TEST(Check, PassesOnWhyASurveyedModelCannotBeLoaded) {
  const Scratch scratch;
  const std::string text =
      changed(sound_case, {{"    order: 4", "    model:\n      file: nowhere.h5\n    order: 4"}});
  const Checked checked = check_case(load_text(scratch, text));
  EXPECT_TRUE(finds(checked, {Level::error, "surveyed model", "", {"nowhere.h5", "data.simulate.model"}}));
  const std::string where = "case.yaml:" + std::to_string(line_of(text, "    model:"));
  EXPECT_EQ(checked.complaint().find(where), checked.complaint().find("case.yaml"));
}

TEST(Check, RejectsBoundsThatLeaveNothing) {
  expect({{"    min: 1500", "    min: 3700"}},
         {Level::error, "bounds", "inversion.bounds.min", {"3700 to 3600 m/s"}}, "    min: 3700");
}

TEST(Check, RejectsAStartOutsideItsBounds) {
  expect({{"    min: 1500", "    min: 2000"}},
         {Level::error, "bounds", "inversion.bounds.min", {"of the start lie below"}}, "    min: 2000");
  expect({{"    max: 3600", "    max: 2300"}},
         {Level::error, "bounds", "inversion.bounds.max", {"of the start lie above"}}, "    max: 2300");
}

TEST(Check, WarnsOfATruthOutsideTheBounds) {
  expect({{"    max: 3600", "    max: 2990"}},
         {Level::warning, "bounds", "inversion.bounds.max", {"true model lie outside"}});
}

TEST(Check, WarnsWhenSurveyedAndInvertedModelDifferInExtent) {
  expect({{"    order: 4",
           "    model:\n      generate:\n        width: 1400\n        depth: 500\n        spacing: "
           "5\n        min_velocity: 1800\n        body_velocity: 3000\n        max_velocity: "
           "2800\n        water_depth: 0\n    order: 4"}},
         {Level::warning, "extent", "start", {"x = 0 to 1400 m", "x = 0 to 1000 m"}});
}

TEST(Check, RejectsModelsOfDifferentDimension) {
  expect({{"    order: 4",
           "    model:\n      generate:\n        width: 1000\n        depth: 500\n        breadth: "
           "100\n        spacing: 20\n    order: 4"}},
         {Level::error, "extent", "start", {"3-D", "2-D"}}, "start:");
}

TEST(Check, RejectsACaseInWhichEverythingIsFrozen) {
  expect({{"  stages:", "  freeze:\n    depth: 600\n  stages:"}},
         {Level::error, "frozen cells", "inversion.freeze.depth", {"every cell"}}, "    depth: 600");
}

TEST(Check, WarnsOfFrozenWaterWhereThereIsNone) {
  expect({{"  stages:", "  freeze:\n    water: true\n  stages:"}},
         {Level::warning, "frozen cells", "inversion.freeze.water", {"1510 m/s"}});
}

TEST(Check, WarnsOfTheInverseCrime) {
  expect({{"    order: 4", "    order: 8\n    spacing: 10"}},
         {Level::warning, "inverse crime", "data.simulate", {"10 m", "5 m"}});
}

TEST(Check, WarnsOfARegularizerThatDoesNothingOrGrows) {
  expect({{"  stages:", "  regularizer:\n    weight: 0\n  stages:"}},
         {Level::warning, "regularizer", "inversion.regularizer.weight", {"no regularization"}});
  expect({{"  stages:", "  regularizer:\n    decay: 2\n  stages:"}},
         {Level::warning, "regularizer", "inversion.regularizer.decay", {"grows by 2"}});
}

TEST(Check, RefusesARegularizerThatItsGuideCannotShape) {
  expect({{"  stages:", "  regularizer:\n    kind: denoiser\n  stages:"}},
         {Level::error, "guide", "inversion.regularizer.kind", {"only a learned guide"}},
         "    kind: denoiser");
  expect({{"  stages:", "  regularizer:\n    kind: tikhonov\n    guide: {kind: hinge}\n  stages:"}},
         {Level::error, "guide", "inversion.regularizer.guide.kind", {"cannot steer tikhonov"}},
         "    guide: {kind: hinge}");
}

TEST(Check, SaysHowManyShotsAGuideIsJudgedByAndRefusesTooFew) {
  const std::pair<std::string, std::string> guarded{
      "  stages:", "  regularizer:\n    guide: {kind: hinge}\n    guards:\n      mode: on\n  stages:"};
  const std::string section = "inversion.regularizer.guards.";
  expect({guarded}, {Level::warning, "guards", section + "held_out", {"2 of 5 shots"}});
  expect({guarded, {"    count: 5\n", "    count: 3\n"}},
         {Level::error, "guards", section + "mode", {"3 shots are too few"}}, "      mode: on");
  expect({{"  stages:", "  regularizer:\n    guards: {mode: on}\n  stages:"}},
         {Level::warning, "guards", section + "mode", {"no guide"}});
}

TEST(Check, RejectsALimitOfSolvesBelowOneIteration) {
  expect({{"  stages:", "  max_solves: 20\n  stages:"}},
         {Level::error, "PDE solves", "inversion.max_solves", {"allow 30"}}, "  max_solves: 20");
}

// Cost

TEST(Check, JudgesMemoryByWhatARankHas) {
  const Scratch scratch;
  const Case the_case =
      load_text(scratch, changed(sound_case, {{"  order: 8", "  order: 8\n  history: full"}}));
  const Forecast forecast = check_case(the_case, 5).forecast;  // with a shot each it takes no less
  const double ranks = forecast.machine_bytes_per_rank * 5 / forecast.memory_bytes_per_rank;
  EXPECT_TRUE(finds(check_case(the_case, int(0.75 * ranks)),
                    {Level::warning, "memory", "physics.history", {"75 %"}, false}));
  const Checked full = check_case(the_case, int(1.2 * ranks));
  EXPECT_TRUE(finds(full, {Level::error, "memory", "physics.history", {"fewer ranks"}}));
  EXPECT_NE(full.complaint().find("physics.history"), std::string::npos);
}

Checked with_physics(const std::string& lines) {
  const Scratch scratch;
  return check_case(load_text(scratch, changed(sound_case, {{"  order: 8", "  order: 8\n" + lines}})));
}

TEST(Check, RefusesAMemoryBudgetThatNothingFitsAndSaysWhatWould) {
  for (const std::string history : {"auto", "checkpointing", "full", "boundary"}) {
    const std::string chosen = "  history: " + history + "\n";
    const Checked refused = with_physics(chosen + "  memory_budget: 1.0e+5");
    ASSERT_TRUE(
        finds(refused,
              {Level::error, "memory", "physics.memory_budget", {"100 kB are not enough", "raise it to "}}))
        << history;
    EXPECT_NE(refused.complaint().find("case.yaml:36: physics.memory_budget: 1.0e+5"), std::string::npos)
        << refused.complaint();
    double needed = 0;
    const std::string mark = "raise it to ";
    for (const Finding& finding : refused.findings)
      if (finding.level == Level::error)
        needed = std::stod(finding.remedy.substr(finding.remedy.find(mark) + mark.size()));
    const Checked sound = with_physics(chosen + "  memory_budget: " + std::to_string(needed));
    EXPECT_EQ(sound.count(Level::error), 0) << history << to_table(sound.findings, sound.forecast);
    const Checked less = with_physics(chosen + "  memory_budget: " + std::to_string(0.999 * needed));
    EXPECT_GT(less.count(Level::error), 0) << history;
  }
}

TEST(Check, CountsWhatABudgetMakesItComputeAgain) {
  const Checked thinned = with_physics("  memory_budget: 1.0e+9"),
                again = with_physics("  memory_budget: 3.0e+6");
  const auto says = [](const Checked& checked, const std::string& words) {
    return to_table(checked.findings, checked.forecast).find(words) != std::string::npos;
  };
  EXPECT_TRUE(says(thinned, "history thinned")) << to_table(thinned.findings, thinned.forecast);
  EXPECT_TRUE(says(again, "history checkpointing")) << to_table(again.findings, again.forecast);
  EXPECT_GT(again.forecast.cell_steps, 1.1 * thinned.forecast.cell_steps);
  EXPECT_LT(again.forecast.memory_bytes_per_rank, thinned.forecast.memory_bytes_per_rank);
}

}  // namespace
}  // namespace fathom
