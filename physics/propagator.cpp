// SPDX-License-Identifier: BSD-3-Clause
#include "physics/propagator.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "physics/denormals.hpp"
#include "physics/error.hpp"
#include "physics/memory.hpp"

namespace fathom {
namespace {

/// Steps between two looks at whether a wavefield is still finite.
constexpr int guard_interval = 200;

/// Traces that are taken out of a record, or put into it, together: the width of a line of memory.
constexpr int side_by_side = 16;

const Grid& checked(const Grid& grid, int order) {
  const int least = std::max(order, 3);
  for (int axis = 0; axis < 3; ++axis)
    if (grid.active(axis) && grid.size[axis] < least)
      throw UserError("a grid of " + std::to_string(grid.size[axis]) + " cells along an axis is too small",
                      "use at least " + std::to_string(least) + " cells for order " + std::to_string(order));
  if (!grid.active(0) || !grid.active(2))
    throw UserError("a grid needs more than one cell along x and z", "only y may have a single cell");
  return grid;
}

int radius_of(int order) {
  stability_limit(order);  // throws for an order that does not exist
  return order / 2;
}

/// Steps to a sample of the survey.
int substeps_of(const PropagatorSetup& setup, double stable) {
  const double wanted = setup.options.time_step.value_or(setup.options.courant * stable);
  if (wanted > stable)
    throw UserError("a time step of " + std::to_string(wanted) + " s is unstable (CFL): at " +
                        std::to_string(setup.fastest) + " m/s the limit is " + std::to_string(stable) + " s",
                    "lower it to 0.9 times the limit, or leave it out");
  return std::max(1, int(std::ceil(setup.time.step / wanted - 1e-9)));
}

bool all_finite(const Field& field) {
  const Real* u = field.data();
  int bad = 0;
  Kokkos::parallel_reduce(
      "finite", Kokkos::RangePolicy<>(0, int(field.size())),
      KOKKOS_LAMBDA(int i, int& partial) { partial += u[i] - u[i] != Real(0); }, bad);
  return bad == 0;
}

struct Extremes {
  double low, high;
  bool finite;
};

Extremes extremes(const Field& field) {
  const Real* u = field.data();
  Kokkos::MinMaxScalar<double> found{};
  Kokkos::parallel_reduce(
      "extremes", Kokkos::RangePolicy<>(0, int(field.size())),
      KOKKOS_LAMBDA(int i, Kokkos::MinMaxScalar<double>& partial) {
        const double value = double(u[i]);
        if (value < partial.min_val) partial.min_val = value;
        if (value > partial.max_val) partial.max_val = value;
      },
      Kokkos::MinMax<double>(found));
  return {found.min_val, found.max_val, all_finite(field)};
}

}  // namespace

void PropagatorOptions::describe(OptionVisitor& option) {
  option("equation", equation, {.meaning = "wave equation", .choices = wave_equations().names()});
  option("order", order,
         {.meaning = "order of the finite differences in space: 2, 4 or 8", .min = 2, .max = 8});
  option("courant", courant, {.meaning = "time step as a fraction of the stable one", .min = 0.05, .max = 1});
  option("time_step", time_step,
         {.meaning = "time step, made smaller to divide the survey's sampling; absent: as `courant` says",
          .unit = "s",
          .min = 1e-7,
          .max = 0.1});
  option.section("boundary", boundary, "edges of the model");
  std::vector<std::string> storages = histories().names();
  storages.insert(storages.begin(), "auto");
  option(
      "history", history,
      {.meaning = "storage of the forward wavefield for the gradient; auto: thinned, or checkpointing (the "
                  "same gradient, bit for bit) where that does not fit into the memory",
       .choices = storages});
  option("imaging_interval", imaging_interval,
         {.meaning = "steps of which one takes part in imaging (full: always 1); absent: from the band's "
                     "Nyquist rate",
          .min = 1,
          .max = 10000});
  option("memory_budget", memory_budget,
         {.meaning = "what a rank's propagator may take with its history; absent: for auto 60 % of the "
                     "machine's memory, shared among the ranks, else no limit",
          .unit = "B",
          .min = 1e5});
  option("zfp_bits", zfp_bits, {.meaning = "bits a value that the history zfp keeps", .min = 2, .max = 32});
}

Propagator::Propagator(const PropagatorSetup& setup)
    : setup_(setup),
      domain_(checked(setup.grid, setup.options.order), setup.options.boundary,
              radius_of(setup.options.order)),
      equation_(wave_equations().make(setup.options.equation, domain_, setup.options.order)),
      substeps_(substeps_of(setup, equation_->max_time_step(setup.fastest))),
      time_step_(setup.time.step / substeps_),
      resampler_(setup.time.samples, substeps_) {
  HistoryShape shape;
  shape.steps = time_steps();
  shape.interval = setup.options.imaging_interval.value_or(nyquist_interval(setup.max_frequency, time_step_));
  shape.extents = {domain_.padded().size[0], domain_.padded().size[1], domain_.pitch()};
  shape.cells_of_row = domain_.padded().size[2];
  shape.fields = equation_->snapshot_fields();
  shape.state_values = std::size_t(equation_->wavefield_values());
  shape.zfp_bits = setup.options.zfp_bits;
  shape.domain = domain_;
  shape.reach = equation_->reach_of_reversal();
  if (memory_budget() > 0)
    shape.budget_bytes = std::max(1., memory_budget() - memory_bytes_without_history(setup.receivers, true));
  history_ = choose_history(setup.options.history, shape);
}

double Propagator::memory_bytes_without_history(int receivers, bool for_gradient) const {
  const double record = double(time_steps() + 1) * (receivers + 2.) * sizeof(Real);
  const double traces = double(time_steps() + 1) * side_by_side * sizeof(double);
  const double images = double(equation_->images().size() + properties().size()) *
                        double(domain_.padded_values()) * sizeof(Real);
  return equation_->memory_bytes() + record + traces + (for_gradient ? images : 0.);
}

double Propagator::memory_bytes(int receivers, bool for_gradient) const {
  return memory_bytes_without_history(receivers, for_gradient) +
         (for_gradient ? history_.history->memory_bytes() : 0.);
}

double Propagator::memory_budget() const {
  if (setup_.options.memory_budget) return *setup_.options.memory_budget;
  return setup_.options.history == "auto" ? setup_.memory_share : 0;
}

double Propagator::least_memory_budget() const {
  return memory_bytes_without_history(setup_.receivers, true) + history_.least_bytes;
}

void Propagator::set_model(const Model& model) {
  for (const Property& property : properties()) {
    if (!model.properties.contains(property.name))
      throw UserError("the model has no " + property.name + " (" + property.unit +
                          "), which the wave equation " + setup_.options.equation + " needs",
                      "give it one, or choose another equation");
    const Extremes values = extremes(model.at(property.name));
    if (!values.finite || (values.low <= 0 && property.min > 0))
      throw UserError("a value of " + property.name + " is not a positive number",
                      "repair the model: every cell needs one, in " + property.unit);
    if (property.name != "vp") continue;
    if (values.high > setup_.fastest * (1 + 1e-5))
      throw UserError("a velocity of " + std::to_string(values.high) +
                          " m/s is above the propagator's limit of " + std::to_string(setup_.fastest) +
                          " m/s",
                      "raise the upper bound of the velocity");
  }
  if (wavefield_.now.size() == 0) {
    equation_->prepare(
        {time_step_, setup_.fastest, setup_.dominant_frequency, setup_.options.boundary.reflection});
    wavefield_ = equation_->at_rest();
  }
  padded_.grid = domain_.padded();
  domain_.pad(model, padded_);
  equation_->set_model(padded_);
}

void Propagator::rest(Wavefield& u) const {
  Kokkos::deep_copy(u.now, Real(0));
  Kokkos::deep_copy(u.before, Real(0));
  for (const Field& memory : u.memory)
    if (memory.size() > 0) Kokkos::deep_copy(memory, Real(0));
}

void Propagator::require_finite(const Wavefield& u, const char* what, int step) const {
  if (all_finite(u.now)) return;
  const std::vector<double> values = to_host(u.now);
  std::size_t bad = 0;
  while (bad + 1 < values.size() && std::isfinite(values[bad])) ++bad;
  const std::size_t row = bad / domain_.extents()[2], plane = row / domain_.extents()[1];
  const std::array<int, 3> cell{int(plane) - domain_.halo()[0],
                                int(row % domain_.extents()[1]) - domain_.halo()[1],
                                int(bad % domain_.extents()[2]) - domain_.halo()[2]};
  std::string where;
  for (int axis = 0; axis < 3; ++axis)
    where += (axis ? ", " : "") + std::to_string(domain_.padded().coordinate(axis, cell[axis])) + " m";
  throw RunError(std::string("the ") + what + " wavefield of shot " + std::to_string(shot_.id) +
                 " is not finite any more at step " + std::to_string(step) + ", first at (x, y, z) = (" +
                 where + ")");
}

Propagator::Trace Propagator::fine_wavelet(const std::vector<double>& wavelet) const {
  const std::vector<double> fine = resampler_.refine(wavelet.data());
  Trace trace("wavelet", fine.size());
  const auto host = Kokkos::create_mirror_view(trace);
  for (std::size_t k = 0; k < fine.size(); ++k) host(k) = Real(fine[k]);
  Kokkos::deep_copy(trace, host);
  return trace;
}

Gather Propagator::to_gather(const Record& record) const {
  const auto host = Kokkos::create_mirror_view(record);
  Kokkos::deep_copy(host, record);
  Gather gather(setup_.time, int(record.extent(1)));
  std::vector<double> fine(side_by_side * record.extent(0));
  for (int first = 0; first < gather.receivers; first += side_by_side) {
    const int count = std::min(side_by_side, gather.receivers - first);
    for (std::size_t k = 0; k < record.extent(0); ++k)
      for (int i = 0; i < count; ++i) fine[i * record.extent(0) + k] = host(k, first + i);
    for (int i = 0; i < count; ++i) {
      const std::vector<double> coarse = resampler_.refine_transposed(&fine[i * record.extent(0)]);
      double* trace = gather.trace(first + i);
      for (int sample = 0; sample < setup_.time.samples; ++sample) trace[sample] = coarse[sample] / substeps_;
    }
  }
  return gather;
}

/// One buffer serves all records, none of which is needed beside another.
Propagator::Record Propagator::record_for(int receivers) {
  const std::size_t steps = std::size_t(time_steps() + 1), values = steps * std::size_t(receivers);
  if (records_.size() < values) {
    records_ = Trace();
    records_ = Trace(Kokkos::view_alloc(Kokkos::WithoutInitializing, "records"), values);
    if (runs_on_host) prefer_huge_pages(records_.data(), values * sizeof(Real));
  }
  return Record(records_.data(), steps, std::size_t(receivers));
}

Propagator::Record Propagator::to_record(const Gather& gather) {
  const Record record = record_for(gather.receivers);
  const auto host = Kokkos::create_mirror_view(record);
  for (int first = 0; first < gather.receivers; first += side_by_side) {
    const int count = std::min(side_by_side, gather.receivers - first);
    std::vector<std::vector<double>> fine;
    for (int i = 0; i < count; ++i) fine.push_back(resampler_.refine(gather.trace(first + i)));
    for (std::size_t k = 0; k < record.extent(0); ++k)
      for (int i = 0; i < count; ++i) host(k, first + i) = Real(fine[i][k] / substeps_);
  }
  Kokkos::deep_copy(record, host);
  return record;
}

/// A forward wavefield on its way through the steps of a shot, for the first time or again.
class Propagator::ForwardLoop final : public Replay {
 public:
  ForwardLoop(const Propagator& propagator, Wavefield& u, const Points& source, const Trace& wavelet)
      : propagator_(propagator),
        u_(u),
        source_(source),
        wavelet_(wavelet),
        density_(Real(1 / propagator.domain_.model().cell_volume())) {}

  void step(int number, Snapshot snapshot) override {
    const WaveEquation& equation = *propagator_.equation_;
    equation.step(u_, snapshot);
    source_.inject(u_.now, equation.injection_scale(), wavelet_.data() + number, density_, snapshot);
  }

  void save(Real* state) const override {
    for_each_part(state, [](const Part& kept, const Part& field) { Kokkos::deep_copy(kept, field); });
  }
  void restore(const Real* state) override {
    if (!state) return propagator_.rest(u_);
    for_each_part(const_cast<Real*>(state),
                  [](const Part& kept, const Part& field) { Kokkos::deep_copy(field, kept); });
  }
  void advance(int begin, int end, History* slots) override {
    for (int number = begin; number < end; ++number) step(number, slots ? slots->slot(number) : Snapshot{});
  }
  const Field& now() const override { return u_.now; }
  void turn_around() override { std::swap(u_.now, u_.before); }
  /// The state of another.
  void take_over(const Wavefield& other) {
    Kokkos::deep_copy(u_.now, other.now);
    Kokkos::deep_copy(u_.before, other.before);
    for (std::size_t k = 0; k < u_.memory.size(); ++k)
      if (u_.memory[k].size() > 0) Kokkos::deep_copy(u_.memory[k], other.memory[k]);
  }

 private:
  using Part = Kokkos::View<Real*, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

  template <class Copy>
  void for_each_part(Real* state, const Copy& copy) const {
    std::size_t place = 0;
    const auto take = [&](const Field& field) {
      if (field.size() == 0) return;
      copy(Part(state + place, field.size()), Part(field.data(), field.size()));
      place += field.size();
    };
    take(u_.now);
    take(u_.before);
    for (const Field& memory : u_.memory) take(memory);
    assert(place <= propagator_.history_.history->shape().state_values);
  }

  const Propagator& propagator_;
  Wavefield& u_;
  const Points& source_;
  Trace wavelet_;
  Real density_;
};

Gather Propagator::run_forward(const Shot& shot, const std::vector<double>& wavelet, bool keep) {
  const FlushDenormals flush;
  ++solves_;
  shot_ = shot;
  const Points source = Points::source_of(domain_, shot), receivers(domain_, shot.receivers);
  const Trace fine = fine_wavelet(wavelet);
  if (keep) {
    kept_shot_ = shot;
    kept_wavelet_ = fine;
  }
  const Record record = record_for(receivers.count());
  rest(wavefield_);
  History& history = *history_.history;
  ForwardLoop loop(*this, wavefield_, source, fine);
  for (int step = 0; step <= time_steps(); ++step) {
    receivers.sample(wavefield_.now, record.data() + std::size_t(step) * receivers.count());
    if (step == time_steps()) break;
    if (keep) history.before_step(step, loop);
    loop.step(step, keep ? history.slot(step) : Snapshot{});
    if (keep) history.after_step(step);
    if (step % guard_interval == 0) require_finite(wavefield_, "forward", step);
  }
  require_finite(wavefield_, "forward", time_steps());
  if (keep && history.starts_at_end()) {
    ForwardLoop replay(*this, replayed_, source, fine);
    replay.take_over(wavefield_);
    replay.turn_around();
  }
  return to_gather(record);
}

Gather Propagator::forward(const Shot& shot, const std::vector<double>& wavelet) {
  return run_forward(shot, wavelet, false);
}

Gather Propagator::forward_for_gradient(const Shot& shot, const std::vector<double>& wavelet) {
  if (!history_.fits)
    throw UserError("the forward wavefield's history does not fit into the memory budget: " + history_.reason,
                    "raise physics.memory_budget to " +
                        std::to_string(std::int64_t(std::ceil(least_memory_budget()))) +
                        " B, or use a coarser grid or fewer ranks");
  history_.history->allocate();
  if (history_.history->recomputes() && replayed_.now.size() == 0) replayed_ = equation_->at_rest();
  return run_forward(shot, wavelet, true);
}

/// Fields of zeros, made once.
Model Propagator::dark(Model& fields, const std::vector<std::string>& names) const {
  fields.grid = domain_.padded();
  for (const std::string& name : names) {
    if (fields.properties.contains(name))
      Kokkos::deep_copy(fields[name], Real(0));
    else
      fields[name] = domain_.make_padded(name);
  }
  return fields;
}

std::vector<double> Propagator::backward(const Gather& adjoint_source, Model& gradient, Model* illumination) {
  const FlushDenormals flush;
  ++solves_;
  shot_ = kept_shot_;
  const Points source = Points::source_of(domain_, shot_), receivers(domain_, shot_.receivers);
  const Record record = to_record(adjoint_source);
  const Trace wavelet("wavelet gradient", std::size_t(time_steps() + 1));
  Model image = dark(images_, equation_->images()), light{domain_.padded(), {}};
  if (illumination) {
    std::vector<std::string> names;
    for (const Property& property : properties()) names.push_back(property.name);
    light = dark(lights_, names);
  }
  History& history = *history_.history;
  ForwardLoop replay(*this, replayed_, source, kept_wavelet_);
  const auto imaging_of = [&](int forward_step) -> Imaging {
    if (!history.images(forward_step)) return {};
    return {history.recall(forward_step, replay), Real(history.weight()), &image,
            illumination ? &light : nullptr};
  };
  rest(wavefield_);
  Imaging imaging;  // of the step whose adjoint has just been taken: the next sweep does it
  for (int step = time_steps(); step >= 1; --step) {
    equation_->adjoint_step(wavefield_, imaging);
    receivers.inject(wavefield_.now, equation_->injection_scale(),
                     record.data() + std::size_t(step) * receivers.count(), 1);
    source.sample(wavefield_.now, wavelet.data() + step - 1);
    imaging = imaging_of(step - 1);
    if (step % guard_interval == 0) require_finite(wavefield_, "adjoint", step);
  }
  require_finite(wavefield_, "adjoint", 0);
  equation_->image(wavefield_, imaging);
  equation_->complete_gradient(image);
  domain_.fold(image, gradient);
  if (illumination) domain_.fold(light, *illumination);

  const auto host = Kokkos::create_mirror_view(wavelet);
  Kokkos::deep_copy(host, wavelet);
  std::vector<double> fine(host.data(), host.data() + host.size());
  for (double& value : fine) value /= domain_.model().cell_volume();
  return resampler_.refine_transposed(fine.data());
}

Gather Propagator::born(const Shot& shot, const std::vector<double>& wavelet, const Model& perturbation) {
  const FlushDenormals flush;
  ++solves_;
  shot_ = shot;
  const Points source = Points::source_of(domain_, shot), receivers(domain_, shot.receivers);
  const Trace fine = fine_wavelet(wavelet);
  const Record record = record_for(receivers.count());
  const Real density = Real(1 / domain_.model().cell_volume());
  const Model change = domain_.pad(perturbation);
  const Kokkos::View<Real*> increment("increment", domain_.padded_values() * equation_->snapshot_fields());
  const Snapshot snapshot{increment.data()};
  if (scattered_.now.size() == 0) scattered_ = equation_->at_rest();
  rest(wavefield_);
  rest(scattered_);
  for (int step = 0; step <= time_steps(); ++step) {
    receivers.sample(scattered_.now, record.data() + std::size_t(step) * receivers.count());
    if (step == time_steps()) break;
    equation_->step(wavefield_, snapshot);
    source.inject(wavefield_.now, equation_->injection_scale(), fine.data() + step, density, snapshot);
    equation_->step(scattered_, {});
    equation_->scatter(snapshot, change, scattered_);
  }
  require_finite(scattered_, "scattered", time_steps());
  return to_gather(record);
}

}  // namespace fathom
