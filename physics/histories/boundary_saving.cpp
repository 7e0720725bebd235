// SPDX-License-Identifier: BSD-3-Clause

// Where no layer absorbs, leapfrog runs backwards as well as forwards (Gauthier, Virieux & Tarantola,
// Geophysics 51, 1986; Dussaud et al., SEG 2008): the step taken on (u_n, u_(n+1)) in the place of
// (u_n, u_(n-1)) gives u_(n-1), and adds the same increment. So the backward loop takes the forward wavefield
// along with it, if it is told what comes in from the layer: the values of every step in a ring as wide as a
// step reaches.
//
//     +------------------+     outside: snapshots of the steps that are imaged are kept, as the layer's own
//     | outside          |              recursion cannot be run backwards
//     |  +------------+  |     ring:    the innermost cells outside; kept of every step
//     |  | inside     |  |     inside:  computed again, one step for a step
//     |  +------------+  |
//     +------------------+
//
// Outside is the layer and the cells that it acts on; what a step makes of them on the way back means
// nothing. Rounding errors are all that comes back differently.

#include <algorithm>

#include "physics/error.hpp"
#include "physics/histories/histories.hpp"
#include "physics/sweep.hpp"

namespace fathom {
namespace {

/// Cells of the padded grid, by axis.
using Box = std::array<Span, 3>;

std::size_t cells_of(const Box& box) {
  return std::size_t(box[0].size()) * std::size_t(box[1].size()) * std::size_t(box[2].size());
}

/// A field in memory: cell (ix, iy, iz) is at values[origin + ix stride_x + iy stride_y + iz].
struct Place {
  Real* values;
  std::ptrdiff_t origin, stride_x, stride_y;
};

enum class Direction { pack, unpack };

/// Between a box of a field and as many values in a row.
void copy(const Box& box, const Place& place, Real* packed, Direction direction) {
  const Box cells = box;
  const Place field = place;
  const bool packing = direction == Direction::pack;
  for_each_row(
      "pack", cells[0], cells[1], KOKKOS_LAMBDA(const Row& row) {
        Real* mine = field.values + (field.origin + row.ix * field.stride_x + row.iy * field.stride_y);
        Real* kept = packed +
                     (std::ptrdiff_t(row.ix - cells[0].begin) * cells[1].size() + (row.iy - cells[1].begin)) *
                         cells[2].size() -
                     cells[2].begin;
        if (packing)
          row.lanes(cells[2].begin, cells[2].end, [=](int iz) { kept[iz] = mine[iz]; });
        else
          row.lanes(cells[2].begin, cells[2].end, [=](int iz) { mine[iz] = kept[iz]; });
      });
}

/// Boxes one after the other in memory.
struct Boxes {
  std::vector<Box> boxes;
  std::size_t cells = 0;

  void add(const Box& box) {
    if (cells_of(box) == 0) return;
    boxes.push_back(box);
    cells += cells_of(box);
  }
  void copy_all(const Place& field, Real* packed, Direction direction) const {
    for (const Box& box : boxes) {
      copy(box, field, packed, direction);
      packed += cells_of(box);
    }
  }
};

/// Where a wavefield's steps can be taken back, and what is around it.
struct Regions {
  Box inside{};
  Boxes ring, outside;

  Regions(const Domain& domain, int reach) {
    const std::array<int, 3>& size = domain.padded().size;
    const auto beside = [&](int layer) { return layer > 0 ? layer + reach : 0; };
    for (int axis = 0; axis < 3; ++axis)
      inside[axis] = {beside(domain.low(axis)), size[axis] - beside(domain.high(axis))};
    if (std::any_of(inside.begin(), inside.end(), [](const Span& span) { return span.size() <= 0; }))
      inside = {};
    Box rest{Span{0, size[0]}, Span{0, size[1]}, Span{0, size[2]}};
    for (int axis = 0; axis < 3; ++axis) {  // slices of what is left, and faces of the inside
      for (const Span slice : {Span{0, inside[axis].begin}, Span{inside[axis].end, size[axis]}}) {
        Box box = rest, face = inside;
        box[axis] = slice;
        outside.add(box);
        const bool low = slice.begin == 0;
        face[axis] = low ? Span{std::max(0, slice.end - reach), slice.end}
                         : Span{slice.begin, std::min(slice.begin + reach, size[axis])};
        ring.add(face);
      }
      rest[axis] = inside[axis];
    }
  }
};

class BoundarySaving final : public History {
 public:
  BoundarySaving(const HistoryShape& shape, const Domain& domain)
      : History(shape), domain_(domain), regions_(domain, shape.reach) {}

  double memory_bytes() const override {
    return sizeof(Real) * (double(shape_.steps) * double(regions_.ring.cells) +
                           double(shape_.images()) * double(outside_values()) + double(shape_.values()) +
                           double(shape_.state_values));
  }
  double recomputed_steps() const override { return shape_.steps; }
  bool starts_at_end() const override { return true; }
  void allocate() override {
    if (snapshot_.size() > 0) return;
    rings_ = make_store("history of the ring", std::size_t(shape_.steps) * regions_.ring.cells);
    outside_ = make_store("history outside", std::size_t(shape_.images()) * outside_values());
    snapshot_ = make_store("snapshot", shape_.values());
    Kokkos::deep_copy(snapshot_, Real(0));
  }

  void before_step(int step, const Replay& replay) override {
    if (step == 0) next_back_ = shape_.steps - 1;
    regions_.ring.copy_all(wavefield(replay), ring_of(step), Direction::pack);
  }
  Snapshot slot(int step) override { return images(step) ? Snapshot{snapshot_.data()} : Snapshot{}; }
  void after_step(int step) override { copy_outside(step, Direction::pack); }

  Snapshot recall(int step, Replay& replay) override {
    if (step > next_back_) start_again(replay);
    for (; next_back_ >= step; --next_back_) {
      // The replay holds (u_n, u_(n+1)), n the step that is taken back; the last of them is as it was left.
      if (next_back_ < shape_.steps - 1)
        regions_.ring.copy_all(wavefield(replay), ring_of(next_back_), Direction::unpack);
      replay.step(next_back_, next_back_ == step ? Snapshot{snapshot_.data()} : Snapshot{});
    }
    copy_outside(step, Direction::unpack);
    return {snapshot_.data()};
  }

 private:
  std::size_t outside_values() const { return regions_.outside.cells * std::size_t(shape_.fields); }
  Real* ring_of(int step) const { return rings_.data() + std::size_t(step) * regions_.ring.cells; }
  Place wavefield(const Replay& replay) const {
    return {replay.now().data(), domain_.index(0, 0, 0), domain_.stride(0), domain_.stride(1)};
  }
  void copy_outside(int step, Direction direction) {
    if (!images(step)) return;
    const auto [planes, rows, length] = shape_.extents;
    Real* kept = outside_.data() + std::size_t(step / shape_.interval) * outside_values();
    for (int field = 0; field < shape_.fields; ++field) {
      const std::ptrdiff_t origin = std::ptrdiff_t(field) * planes * rows * length;
      regions_.outside.copy_all({snapshot_.data(), origin, std::ptrdiff_t(rows) * length, length},
                                kept + std::size_t(field) * regions_.outside.cells, direction);
    }
  }
  /// For a second look at a shot: forward again to the end.
  void start_again(Replay& replay) {
    replay.restore(nullptr);
    replay.advance(0, shape_.steps, nullptr);
    replay.turn_around();
    next_back_ = shape_.steps - 1;
  }

  Domain domain_;
  Regions regions_;
  int next_back_ = 0;  // the step that the replay takes back next
  Store rings_, outside_, snapshot_;
};

}  // namespace

std::unique_ptr<History> make_boundary_saving(const HistoryShape& shape) {
  if (!shape.domain || shape.reach <= 0)
    throw UserError("the history boundary needs a wave equation whose steps can be taken back",
                    "choose physics.history checkpointing, or another equation");
  return std::make_unique<BoundarySaving>(shape, *shape.domain);
}

}  // namespace fathom
