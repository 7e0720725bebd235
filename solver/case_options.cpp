// SPDX-License-Identifier: BSD-3-Clause

// Every option of a case file with its meaning, unit and range: the only place where keys are spelled.

#include "regularizers/regularizer.hpp"
#include "solver/case.hpp"
#include "solver/parameterization.hpp"

namespace fathom {

void ModelSource::describe(OptionVisitor& option) {
  option("file", file, {.meaning = "model file, or name of a data set such as marmousi2/vp_20m"});
  option.section("generate", generate, "a procedural model, in the place of a file");
}

void BlurOptions::describe(OptionVisitor& option) {
  option("sigma", sigma,
         {.meaning = "standard deviation of the Gaussian", .unit = "m", .min = 0, .max = 1e5});
  option("property", property,
         {.meaning = "what is blurred", .choices = {"velocity", "slowness", "slowness_squared"}});
  option(
      "keep_water", keep_water,
      {.meaning =
           "keep water (below 1510 m/s, from the top, and its share of the cell that the sea floor cuts) as "
           "it is and blur the rock without it"});
}

void LinearOptions::describe(OptionVisitor& option) {
  option("top", top,
         {.meaning = "velocity at the top of the model, or of its rock, see keep_water",
          .unit = "m/s",
          .min = 300,
          .max = 9000});
  option("bottom", bottom, {.meaning = "velocity at its bottom", .unit = "m/s", .min = 300, .max = 9000});
  option("keep_water", keep_water,
         {.meaning = "the true model's water (below 1510 m/s, from the top) is known: it is kept, and the "
                     "increase begins below it"});
}

void StartOptions::describe(OptionVisitor& option) {
  option("file", file, {.meaning = "model file, or name of a data set"});
  option.section("linear", linear, "a linear increase of velocity with depth");
  option.section("blur", blur, "the true model, blurred; edges are reflecting");
}

void LineOptions::describe(OptionVisitor& option) {
  option("first", first, {.meaning = "first point: x, z or x, y, z", .unit = "m", .required = true});
  option("last", last, {.meaning = "last point; empty: there is one point", .unit = "m"});
  option("count", count, {.meaning = "number of points on a line", .min = 1, .max = 100000});
  option("last_line", last_line,
         {.meaning = "first point of the last line, for a carpet of parallel lines", .unit = "m"});
  option("lines", lines, {.meaning = "number of lines", .min = 1, .max = 10000});
}

void WaveletOptions::describe(OptionVisitor& option) {
  option("frequency", frequency,
         {.meaning = "peak frequency of a Ricker wavelet", .unit = "Hz", .min = 0.01, .max = 5000});
  option("delay", delay,
         {.meaning = "time of its peak; absent: 1.5 / frequency", .unit = "s", .min = 0, .max = 100});
  option("file", file,
         {.meaning = "text file with one value a sample, at the survey's sampling, in the place of the "
                     "Ricker wavelet"});
}

void SurveyOptions::describe(OptionVisitor& option) {
  option.section("sources", sources, "positions of the sources; each is a shot");
  option.section("receivers", receivers, "positions of the receivers, the same for all shots");
  option(
      "min_offset", min_offset,
      {.meaning =
           "a shot is recorded from this distance along x and y on; absent: everywhere. Within a few cells "
           "of a source the wavefield depends on the grid",
       .unit = "m",
       .min = 0,
       .max = 1e6});
  option("max_offset", max_offset,
         {.meaning = "a shot is recorded within this distance along x and y; absent: everywhere",
          .unit = "m",
          .min = 0,
          .max = 1e6});
  option.section("wavelet", wavelet, "time function of the sources");
  option("duration", duration, {.meaning = "length of the records", .unit = "s", .min = 1e-3, .max = 1000});
  option("sampling", sampling,
         {.meaning = "sampling of records and wavelet", .unit = "s", .min = 1e-6, .max = 0.1});
}

void SimulateOptions::describe(OptionVisitor& option) {
  option.section("model", model, "the earth that is surveyed; absent: the true model");
  option("spacing", spacing,
         {.meaning = "grid spacing; absent: half the inversion's, or that of the model's file",
          .unit = "m",
          .min = 1e-3,
          .max = 1e4});
  option("order", order,
         {.meaning = "order of the finite differences in space: 2, 4 or 8", .min = 2, .max = 8});
  option("courant", courant, {.meaning = "time step as a fraction of the stable one", .min = 0.05, .max = 1});
  option("width", width,
         {.meaning = "thickness of the absorbing layer", .unit = "cells", .min = 0, .max = 500});
  option("time_correction", time_correction,
         {.meaning = "correct wavelet and gathers for the dispersion of the time stepping"});
  option("noise_snr", noise_snr,
         {.meaning = "signal-to-noise ratio of white noise in the wavelet's band; absent: no noise",
          .unit = "dB",
          .min = -60,
          .max = 200});
  option("noise_seed", noise_seed, {.meaning = "seed of the noise", .min = 0, .max = 2147483647});
}

void DataOptions::describe(OptionVisitor& option) {
  option("file", file,
         {.meaning =
              "gathers (HDF5) with their geometry, in the place of survey and simulation; absent: simulate"});
  option.section("simulate", simulate, "how synthetic data is made");
}

void BoundsOptions::describe(OptionVisitor& option) {
  option("min", min,
         {.meaning = "lowest velocity; absent: 0.65 times the start's lowest",
          .unit = "m/s",
          .min = 300,
          .max = 9000});
  option("max", max,
         {.meaning = "highest velocity; absent: 1.25 times the start's highest",
          .unit = "m/s",
          .min = 300,
          .max = 12000});
}

void FreezeOptions::describe(OptionVisitor& option) {
  option("water", water,
         {.meaning = "keep, in each column, the cells from the top whose start is below 1510 m/s"});
  option("depth", depth,
         {.meaning = "keep everything above this depth; absent: nothing", .unit = "m", .min = 0, .max = 1e5});
}

void RegularizerOptions::describe(OptionVisitor& option) {
  option("kind", kind,
         {.meaning = "functional of the model; denoiser: half the square of what a learned guide would still "
                     "change of it; absent: total_variation where there is a guide, "
                     "else tikhonov",
          .choices = regularizers().names()});
  option("weight", weight, {.meaning = "its weight, as `weighting` says", .min = 0, .max = 1e9});
  option(
      "weighting", weighting,
      {.meaning = "relative: the weight is the ratio of its gradient's norm (without a guide) to that of the "
                  "data, at the first model of the first stage (of a denoiser: of each stage); absolute: on "
                  "the model in units of 1000 m/s, "
                  "with misfit 1 for "
                  "predicting nothing; constraint: R <= weight times R of the stage's start, with the "
                  "method proximal",
       .choices = {"relative", "absolute", "constraint"}});
  option("decay", decay,
         {.meaning = "factor on the weight from each stage to the next", .min = 0, .max = 10});
  option("relaxation", relaxation,
         {.meaning = "share by which a constraint's weight grows from each stage to the next",
          .min = 0,
          .max = 10});
  option("eps", eps,
         {.meaning = "total variation is rounded off where neighbouring cells differ by less: a few percent "
                     "of the jumps that are expected",
          .unit = "m/s",
          .min = 1e-3,
          .max = 1e4});
  option("eps_decay", eps_decay,
         {.meaning = "factor on eps from each stage to the next", .min = 0.01, .max = 1});
  option("reference", reference,
         {.meaning =
              "what the regularizer sees is the model itself (none), or its difference to the start of the "
              "stage or to the guide's reference",
          .choices = {"none", "start", "guide"}});
  option.section("guide", guide, "where total variation lets edges be, and which way they may jump");
  option.section("guards", guards, "how a guide's advice is tried on data before it is taken");
}

std::string RegularizerOptions::functional() const {
  return kind.value_or(guide.kind == "none" ? "tikhonov" : "total_variation");
}

void GuardOptions::describe(OptionVisitor& option) {
  option("mode", mode,
         {.meaning = "on: what the guide says is tried on shots that are not inverted until the last stage; "
                     "off: it is believed; auto: on for learned guides",
          .choices = {"auto", "on", "off"}});
  option("held_out", held_out,
         {.meaning = "share of the shots that are held out, spread over the survey; two at least",
          .min = 0.05,
          .max = 0.5});
  option("seed", seed, {.meaning = "which ones these are", .min = 0, .max = 2147483647});
  option("jumps", jumps,
         {.meaning = "at each stage's start, try to jump to the guide's reference velocity, all or half of "
                     "the way and between what depths the held-out shots like best, but all of it where "
                     "they like that nearly as well; taken where it lowers their misfit by more than two "
                     "standard errors, and it stays below 0.9 of that without, see probation; once one was "
                     "taken, all of the way in the stages after, whatever they say at once, where two "
                     "iterations later their misfit is below 0.9 of that without"});
  option(
      "probation", probation,
      {.meaning = "the stage goes on with a jump and without, from two iterations (a stochastic method: "
                  "epochs) to so many, as long as the jump keeps ahead: one that only takes the first steps "
                  "for the optimizer is caught up with, and rejected",
       .min = 2,
       .max = 1000});
  option(
      "steering", steering,
      {.meaning = "steer the regularizer where, after two iterations (a stochastic method: epochs), the "
                  "held-out misfit is not above that without, or, once this was so, at most half a percent; "
                  "not in a stage that began with a jump; rejected in a later stage it is tried at 0.3 of "
                  "its weight, then no more; what it says fades to nothing in the last stage; of a learned "
                  "guide whose jumps were not taken, the plain regularizer is tried in its place"});
  option("trust", trust,
         {.meaning = "largest step of a jump at first; times 1.5 after a full one was taken, halved after "
                     "one was rejected",
          .unit = "m/s",
          .min = 1,
          .max = 10000});
  option("scan", scan,
         {.meaning = "share of the inversion's PDE solves that the search for jumps may take, all stages "
                     "together",
          .min = 0,
          .max = 1});
  option(
      "unguided", unguided,
      {.meaning = "what stands where the guide does not, as in the last stage: physics alone, its weight "
                  "fading with the guide; the plain regularizer with its own weight; or (tried) that one "
                  "as long as the trials of steering, in every stage, find it no worse than physics alone; a "
                  "denoiser fades all the same",
       .choices = {"tried", "physics", "plain"}});
}

void StageOptions::describe(OptionVisitor& option) {
  option("max_frequency", max_frequency,
         {.meaning = "upper edge (-6 dB) of the band",
          .unit = "Hz",
          .min = 0.01,
          .max = 5000,
          .required = true});
  option("min_frequency", min_frequency,
         {.meaning = "lower edge (-6 dB) of the band; 0: none", .unit = "Hz", .min = 0, .max = 5000});
  option("iterations", iterations, {.meaning = "most iterations of the optimizer", .min = 0, .max = 100000});
  option("spacing", spacing,
         {.meaning = "grid spacing of this stage, and with it, where the band lets it, the sampling in time "
                     "of its data; absent: the case's",
          .unit = "m",
          .min = 1e-3,
          .max = 1e4});
  option("tolerance", tolerance,
         {.meaning =
              "the stage ends when three iterations together lower the objective by less than this share; "
              "not with the method adam, whose estimates rise and fall",
          .min = 0,
          .max = 1});
  option("method", method,
         {.meaning = "minimiser of this stage; absent: that of inversion.optimizer",
          .choices = optimizers().names()});
}

void InversionOptions::describe(OptionVisitor& option) {
  option("parameterization", parameterization,
         {.meaning = "what is updated", .choices = parameterizations().names()});
  option.section("misfit", misfit, "distance of predicted and observed data");
  option.section("optimizer", optimizer, "the minimiser, of PETSc/TAO");
  option.section("bounds", bounds, "limits of the velocity");
  option.section("freeze", freeze, "cells that keep their start");
  option("illumination_floor", illumination_floor,
         {.meaning = "floor of the illumination in the preconditioner, relative to its maximum",
          .min = 1e-6,
          .max = 1e6});
  option.section("regularizer", regularizer, "a penalty on the model; absent: none");
  option.list("stages", stages, "frequency stages, one after the other");
  option(
      "divergence", divergence,
      {.meaning = "once a stage, and of start and result in the last band, migrate the data and compare the "
                  "image with the model; takes 3 PDE solves a shot each time"});
  option(
      "max_solves", max_solves,
      {.meaning = "stop before an iteration that could go beyond so many PDE solves; where it is not "
                  "enough for all iterations, or a guide's trials took some, every stage that is left does "
                  "the same share of its own (line searches, which are not known before, go at the last's "
                  "expense); absent: no limit",
       .min = 1,
       .max = 2147483647});
}

void CaseOptions::describe(OptionVisitor& option) {
  option("title", title, {.meaning = "a line that says what the case is about"});
  option("data_folder", data_folder, {.meaning = "where data sets are looked for first; also --data"});
  option.section("truth", truth,
                 "the true model, where it is known: for synthetic data and for model errors");
  option.section("start", start, "the model the inversion starts from");
  option.section("density", density,
                 "density of true model and start, for wave equations that need one; an inversion keeps that "
                 "of its start");
  option("spacing", spacing,
         {.meaning = "grid spacing of the inversion; absent: that of the start's file or of the true model",
          .unit = "m",
          .min = 1e-3,
          .max = 1e4});
  option.section("survey", survey,
                 "sources, receivers and time axis; not needed when the data comes from a file");
  option.section("data", data, "the observed data");
  option.section("physics", physics, "how the inversion simulates waves");
  option.section("inversion", inversion, "how the model is recovered");
}

}  // namespace fathom
