// SPDX-License-Identifier: BSD-3-Clause
#include "ml/network_contract.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "physics/error.hpp"

namespace fathom {
namespace {

constexpr double fastest_water = 1510;  // m/s
constexpr double slowest_rock = 300;    // m/s
constexpr float clip = 4;               // of what is measured in root mean squares

void require_section(const Grid& grid) {
  if (grid.size[1] != 1 || grid.size[0] < 2 || grid.size[2] < 2)
    throw UserError("a learned guide works on sections (x, z)",
                    "choose another guide for a model that is not 2-D");
}

/// Cell by cell, or zeros where a field is not known.
std::vector<double> values_of(const Field& field, std::size_t cells) {
  return field.size() > 0 ? to_host(field) : std::vector<double>(cells, 0.);
}

/// Values over their root mean square in the cells that may change, clipped.
void fill_scaled(float* channel, const std::vector<double>& values, const std::vector<bool>& frozen) {
  double largest = 0, sum = 0;
  std::size_t count = 0;
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (!frozen[cell]) largest = std::max(largest, std::abs(values[cell]));
  if (!(largest > 0)) return;
  for (std::size_t cell = 0; cell < values.size(); ++cell) {
    if (frozen[cell]) continue;
    sum += (values[cell] / largest) * (values[cell] / largest);  // squares of tiny numbers would be zero
    ++count;
  }
  const double scale = 1 / (largest * std::sqrt(sum / double(count)));
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (!frozen[cell]) channel[cell] = std::clamp(float(values[cell] * scale), -clip, clip);
}

void fill_illumination(float* channel, const std::vector<double>& light) {
  const double brightest = light.empty() ? 0 : *std::max_element(light.begin(), light.end());
  for (std::size_t cell = 0; cell < light.size() && brightest > 0; ++cell)
    channel[cell] = float((std::log10(std::max(light[cell] / brightest, 1e-6)) + 3) / 3);
}

void fill_depth(float* channel, const std::vector<double>& velocity, const Grid& grid) {
  const std::size_t nz = std::size_t(grid.size[2]);
  for (std::size_t column = 0; column < velocity.size(); column += nz) {
    std::size_t floor = 0;
    while (floor < nz && velocity[column + floor] < fastest_water) ++floor;
    for (std::size_t iz = floor; iz < nz; ++iz)
      channel[column + iz] = float(double(iz - floor) * grid.spacing[2] / 1000);
  }
}

/// Steering at the cells, as it acts on forward differences: each component halfway to the next cell along
/// its axis.
void bring_between_cells(std::vector<double>& px, std::vector<double>& pz, const std::vector<double>& theta,
                         const Grid& grid) {
  const std::size_t nx = std::size_t(grid.size[0]), nz = std::size_t(grid.size[2]);
  for (std::size_t ix = 0; ix < nx; ++ix)
    for (std::size_t iz = 0; iz < nz; ++iz) {
      const std::size_t cell = ix * nz + iz;
      if (ix + 1 < nx) px[cell] = 0.5 * (px[cell] + px[cell + nz]);
      if (iz + 1 < nz) pz[cell] = 0.5 * (pz[cell] + pz[cell + 1]);
      const double length = std::hypot(px[cell], pz[cell]), most = largest_steering * theta[cell];
      if (length > most) {
        px[cell] *= most / length;
        pz[cell] *= most / length;
      }
    }
}

/// The line of a long message that names the error, or its first.
std::string gist_of(const std::string& message) {
  std::istringstream lines(message);
  std::string gist;
  for (std::string line; std::getline(lines, line);)
    if (gist.empty() || line.find("Error: ") != std::string::npos) gist = line;
  return gist;
}

bool is_probability(float value) {
  return value >= 0 && value <= 1;
}

/// Images that look like a real situation, in their ranges at least.
Images probe(int nx, int nz) {
  Images images(input_channels, nx, nz);
  for (int channel = 0; channel < input_channels; ++channel)
    for (int ix = 0; ix < nx; ++ix)
      for (int iz = 0; iz < nz; ++iz)
        images.at(channel, ix, iz) =
            channel == input_frozen ? float(iz < 3) : std::sin(0.3f * float(ix + channel) + 0.2f * float(iz));
  return images;
}

}  // namespace

double mean_spacing(const Grid& grid) {
  return std::sqrt(grid.spacing[0] * grid.spacing[2]);
}

void show_velocity(Images& images, std::size_t cell, double velocity, double start, double lower,
                   double upper) {
  images.channel(input_velocity)[cell] = float((velocity - 3000) / velocity_unit);
  images.channel(input_update)[cell] = float((velocity - start) / update_unit);
  images.channel(input_lower_edge)[cell] = float(edge_unit * lower / velocity);
  images.channel(input_upper_edge)[cell] = float(edge_unit * upper / velocity);
}

Images network_inputs(const Situation& situation) {
  const Grid& grid = situation.velocity.grid;
  require_section(grid);
  const std::size_t cells = grid.cells();
  Images images(input_channels, grid.size[0], grid.size[2]);
  const std::vector<double> velocity = to_host(situation.velocity.at("vp"));
  const std::vector<double> start = situation.start.size() > 0 ? to_host(situation.start) : velocity;
  const double spacing = mean_spacing(grid);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    images.channel(input_frozen)[cell] = situation.frozen[cell] ? 1 : 0;
    show_velocity(images, cell, velocity[cell], start[cell], situation.min_frequency * spacing,
                  situation.max_frequency * spacing);
  }
  fill_scaled(images.channel(input_descent), values_of(situation.descent, cells), situation.frozen);
  fill_scaled(images.channel(input_image), values_of(situation.image, cells), situation.frozen);
  fill_illumination(images.channel(input_illumination), values_of(situation.illumination, cells));
  fill_depth(images.channel(input_depth), velocity, grid);
  return images;
}

Images padded(const Images& images) {
  const auto grown = [](int size) {
    return std::max(smallest_image, (size + network_stride - 1) / network_stride * network_stride);
  };
  Images result(images.channels, grown(images.nx), grown(images.nz));
  for (int channel = 0; channel < images.channels; ++channel)
    for (int ix = 0; ix < result.nx; ++ix)
      for (int iz = 0; iz < result.nz; ++iz)
        result.at(channel, ix, iz) =
            images.at(channel, std::min(ix, images.nx - 1), std::min(iz, images.nz - 1));
  return result;
}

Images cut(const Images& images, int nx, int nz) {
  Images result(images.channels, nx, nz);
  for (int channel = 0; channel < images.channels; ++channel)
    for (int ix = 0; ix < nx; ++ix)
      for (int iz = 0; iz < nz; ++iz) result.at(channel, ix, iz) = images.at(channel, ix, iz);
  return result;
}

Images ask(const Network& network, const Images& inputs) {
  const Images answer = network.apply(padded(inputs));
  if (answer.nx < inputs.nx || answer.nz < inputs.nz)
    throw RunError("a network answered with images that are smaller than what it was shown");
  return cut(answer, inputs.nx, inputs.nz);
}

Images pull_back(const Network& network, const Images& inputs, const Images& change) {
  const Images grown = padded(inputs);
  Images wide(change.channels, grown.nx, grown.nz);  // what is cut off does not count
  for (int channel = 0; channel < change.channels; ++channel)
    for (int ix = 0; ix < change.nx; ++ix)
      for (int iz = 0; iz < change.nz; ++iz) wide.at(channel, ix, iz) = change.at(channel, ix, iz);
  const Images pull = network.pull_back(grown, wide);
  Images result(inputs.channels, inputs.nx, inputs.nz);
  for (int channel = 0; channel < pull.channels; ++channel)
    for (int ix = 0; ix < pull.nx; ++ix)
      for (int iz = 0; iz < pull.nz; ++iz)
        result.at(channel, std::min(ix, inputs.nx - 1), std::min(iz, inputs.nz - 1)) +=
            pull.at(channel, ix, iz);
  return result;
}

std::string fault_of(const Images& answer, int nx, int nz) {
  if (answer.channels != output_channels || answer.nx != nx || answer.nz != nz)
    return fmt::format("answers with {} channels of {} x {} cells in the place of {} of {} x {}",
                       answer.channels, answer.nx, answer.nz, int(output_channels), nx, nz);
  for (int channel = 0; channel < output_channels; ++channel)
    for (std::size_t cell = 0; cell < answer.cells(); ++cell) {
      const float value = answer.channel(channel)[cell];
      const std::string where = fmt::format("{:.4g} in channel {}", value, channel);
      if (!std::isfinite(value)) return "answers " + where + ", which is not finite";
      if ((channel == output_edge || channel == output_confidence) && !is_probability(value))
        return "answers " + where + ", which must be a probability, 0 to 1";
    }
  return {};
}

void require_contract(const Network& network, const std::string& name) {
  const std::string remedy = fmt::format(
      "make it a function from [1, {}, nx, nz] to [1, {}, nx, nz], nx and nz multiples of {}, as "
      "ml/channels.hpp "
      "says: residual (1000 m/s), its log variance, edge probability, normal x and z, confidence",
      int(input_channels), int(output_channels), network_stride);
  for (const auto& [nx, nz] : {std::pair{32, 48}, std::pair{64, 32}}) {
    Images answer, again;
    try {
      answer = network.apply(probe(nx, nz));
      again = network.apply(probe(nx, nz));
    } catch (const RunError& error) {
      throw UserError(name + " does not work as a guide: " + gist_of(error.what()), remedy);
    }
    const std::string fault = fault_of(answer, nx, nz);
    if (!fault.empty()) throw UserError(name + " does not work as a guide: it " + fault, remedy);
    if (!(answer == again))
      throw UserError(name + " answers differently to the same question",
                      "take dropout and other random layers out of it (model.eval())");
  }
}

Guidance guidance_of(const Images& answer, const Situation& situation, const GuideOptions& options) {
  const Grid& grid = situation.velocity.grid;
  const std::size_t cells = grid.cells();
  const std::vector<double> velocity = to_host(situation.velocity.at("vp"));
  std::vector<double> theta(cells), px(cells), pz(cells), reference(cells), confidence(cells);
  const auto out = [&](int channel, std::size_t cell) { return double(answer.channel(channel)[cell]); };
  for (std::size_t cell = 0; cell < cells; ++cell) {
    theta[cell] = options.theta_min + (1 - options.theta_min) * (1 - out(output_edge, cell));
    confidence[cell] = out(output_confidence, cell);
    const double nx = out(output_normal_x, cell), nz = out(output_normal_z, cell);
    const double push = -std::min(options.gamma, largest_steering) * confidence[cell] * theta[cell] /
                        std::max(1., std::hypot(nx, nz));
    px[cell] = push * nx;
    pz[cell] = push * nz;
    const double jump =
        std::clamp(velocity_unit * out(output_residual, cell), -options.largest_jump, options.largest_jump);
    reference[cell] = velocity[cell] + (situation.frozen[cell] ? 0 : jump);
    if (!situation.frozen[cell]) reference[cell] = std::max(reference[cell], slowest_rock);
  }
  bring_between_cells(px, pz, theta, grid);
  Guidance guidance{grid, make_field("theta", grid), make_vector_field("steering", grid),
                    make_field("reference", grid), make_field("confidence", grid)};
  from_host(theta, guidance.theta);
  from_host(px, guidance.p.x);
  from_host(pz, guidance.p.z);
  from_host(reference, guidance.reference);
  from_host(confidence, guidance.confidence);
  return guidance;
}

}  // namespace fathom
