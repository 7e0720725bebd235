// SPDX-License-Identifier: BSD-3-Clause
#include "physics/history.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "physics/histories/histories.hpp"
#include "physics/memory.hpp"

namespace fathom {
namespace {

std::string rounded(double number) {
  char words[32];
  std::snprintf(words, sizeof words, "%.2g", number);
  return words;
}

/// The fewest bytes that hold snapshots in some way or other.
double least_bytes(HistoryShape shape) {
  shape.budget_bytes = 1;
  return make_checkpointing(shape)->memory_bytes();
}

std::string budget_in_words(const HistoryShape& shape) {
  if (shape.budget_bytes <= 0) return " and there is no limit";
  if (shape.budget_bytes <= 1) return " and nothing is left for it";
  return " of the " + bytes_in_words(shape.budget_bytes) + " there are for it";
}

/// What a history takes, in memory and in propagations.
std::string cost_in_words(const History& history) {
  const HistoryShape& shape = history.shape();
  std::string words = "takes " + bytes_in_words(history.memory_bytes()) + budget_in_words(shape);
  if (shape.interval > 1) words += ", images one step in " + std::to_string(history.shape().interval);
  if (history.recomputes())
    words +=
        ", computes " + rounded(history.recomputed_steps() / shape.steps) + " forward propagations again";
  return words;
}

/// A history by its own name.
HistoryChoice named_history(const std::string& name, const HistoryShape& shape) {
  HistoryChoice choice;
  choice.name = name;
  choice.history = histories().make(name, shape);
  choice.fits = shape.budget_bytes <= 0 || choice.history->memory_bytes() <= shape.budget_bytes;
  choice.least_bytes = choice.history->memory_bytes();
  choice.reason = name + " " + cost_in_words(*choice.history);
  return choice;
}

}  // namespace

const Registry<History, const HistoryShape&>& histories() {
  using Table = Registry<History, const HistoryShape&>;
  static const Table table = [] {
    std::vector<Table::Entry> entries{
        {"full", "every time step: the exact gradient",
         [](HistoryShape shape) {
           shape.interval = 1;
           return make_stored(shape);
         }},
        {"thinned", "every k-th time step, at the Nyquist rate of the band", make_stored},
        {"half", "every k-th time step, 16 bits a value", make_half},
        {"checkpointing", "every k-th time step, computed again from states of the wavefield",
         make_checkpointing},
        {"boundary", "what comes in from the absorbing layer at every time step; the rest is run backwards",
         make_boundary_saving}};
    for (Table::Entry& entry : zfp_histories()) entries.push_back(std::move(entry));
    return Table("history", std::move(entries));
  }();
  return table;
}

/// The product of two signals below f holds frequencies below 2 f; its sum over time survives sampling at
/// more than 2 f.
int nyquist_interval(double max_frequency, double time_step) {
  constexpr double margin = 1.25;
  if (max_frequency <= 0) return 1;
  return std::max(1, int(std::floor(1 / (2 * margin * max_frequency * time_step))));
}

HistoryChoice choose_history(const std::string& name, const HistoryShape& shape) {
  if (name != "auto") return named_history(name, shape);
  HistoryChoice stored = named_history("thinned", shape);
  if (stored.fits) {
    stored.reason += ": the fastest";
    return stored;
  }
  HistoryChoice again = named_history("checkpointing", shape);
  again.least_bytes = least_bytes(shape);
  again.reason += "; to keep all snapshots would take " + bytes_in_words(stored.history->memory_bytes());
  return again;
}

}  // namespace fathom
