// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "physics/model.hpp"
#include "physics/options.hpp"
#include "physics/registry.hpp"
#include "regularizers/difference.hpp"

namespace fathom {

class Denoiser;

/// |P| is held below this share of Theta, cell by cell: beyond 1 the functional has no lower bound.
inline constexpr double largest_steering = 0.95;

/// What a guide answers: where edges may be and which way they may jump. Empty fields stand for Theta = 1,
/// P = 0, no reference, confidence 1.
struct Guidance {
  Grid grid;
  Field theta;       ///< weight of the total variation, in (0, 1]: low where an edge may be
  VectorField p;     ///< steering P: jumps of the velocity against P are cheap, jumps along it dear
  Field reference;   ///< velocity m_r (m/s) that the model is drawn to
  Field confidence;  ///< 0 .. 1; theta and p have it in them already
  /// What the guide was shown, where its denoiser will be shown it again.
  Field image{}, descent{}, illumination{};
  std::string abstained{};  ///< why the guide says nothing; empty: it does

  bool weighted() const { return theta.size() > 0; }
  bool steered() const { return p.x.size() > 0; }
  bool denoises() const { return descent.size() > 0; }
};

/// A guide that says nothing of a grid, and why.
Guidance abstention(const Grid& grid, const std::string& why);

/// The same for a parameter that falls where velocity rises (slowness, its square): P changes its sign.
Guidance for_falling_parameter(const Guidance& of_velocity);

/// The same on another grid: interpolated, averaged first where the grid is coarser.
Guidance on_grid(const Guidance& guidance, const Grid& grid);

/// Brings P . n to zero at the model's faces and P to zero in and beside frozen cells, over so many cells:
/// its force -div P would otherwise push at the rim of a steered region. `frozen`: cell by cell.
void taper_steering(Guidance& guidance, const std::vector<bool>& frozen, int cells);

/// What is known when a guide is asked, between optimizer runs.
struct Situation {
  Model velocity;            ///< vp, m/s
  std::vector<bool> frozen;  ///< cells that will not change
  Field image{};             ///< velocity reflectivity, its sign that of d/dz ln v; empty: not computed
  Field start{};             ///< velocity that the inversion began from, m/s; empty: this one
  Field descent{};       ///< minus the misfit's gradient over the illumination, any unit; empty: not computed
  Field illumination{};  ///< pseudo-Hessian's diagonal, any unit; empty: not computed
  double min_frequency = 0, max_frequency = 0;  ///< edges of the band, Hz
  bool proven = false;                          ///< the model comes of a jump of the guide's that data liked
};

/// What someone who knows the true model gets wrong of it.
struct OracleOptions {
  double blur = 0;  ///< standard deviation of a Gaussian on the true model, cells
  double flip = 0;  ///< share of the cells whose normal points the wrong way
  int seed = 1;     ///< of which ones

  void describe(OptionVisitor& option);
};

struct GuideOptions {
  std::vector<std::string> kinds;  ///< that may be named
  std::string kind = "none";
  double gamma = 0.9;
  double theta_min = 0.1;
  double smoothing = 2;
  int taper = 4;
  double largest_jump = 2000;
  double least_confidence = 0.1;
  std::optional<std::string> file;
  std::optional<OracleOptions> oracle;

  GuideOptions();
  void describe(OptionVisitor& option);
};

/// Answers with a guidance. What it says stands while an optimizer runs, and is the same for the same
/// situation.
class Guide {
 public:
  virtual ~Guide() = default;
  /// For the velocity, on its grid, with |P| <= 0.95 Theta.
  virtual Guidance advise(const Situation& situation) const = 0;
  /// What it would change of a velocity (m/s), as long as an optimizer works on that; null: it knows nothing
  /// of the kind.
  virtual std::shared_ptr<const Denoiser> denoiser(const Situation& /*situation*/) const { return {}; }
  /// Whether advise() looks at the image, which takes propagations to compute.
  virtual bool wants_image() const { return false; }
  /// Whether it looks at the descent direction and the illumination, which take propagations too.
  virtual bool wants_gradient() const { return false; }
};

/// What a guide is made of: its options and, for a given one, what the file holds or, for an oracle, the true
/// model.
struct GuideParts {
  GuideOptions options{};
  Guidance given{};
  std::optional<Model> truth{};
};

/// Guides by name.
const Registry<Guide, const GuideParts&>& guides();

}  // namespace fathom
