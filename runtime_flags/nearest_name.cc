#include "runtime_flags/nearest_name.h"

#include <algorithm>
#include <cstdint>

namespace dbgalloc::runtime_flags {
namespace {

constexpr size_t kLongestName = 64;

// Shorter names are contained in too many others to say anything.
constexpr size_t kShortestContained = 4;

char Folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

// One row of the distance table: the distances of a prefix of the first name
// to every prefix of the second.
using Row = uint8_t[kLongestName + 1];

// Fills `row` for a[0..i] from the rows of the two prefixes before it.
void FillRow(std::string_view a, std::string_view b, size_t i,
             const Row& before_last, const Row& last, Row& row) {
  row[0] = static_cast<uint8_t>(i);
  for (size_t j = 1; j <= b.size(); ++j) {
    const bool same = Folded(a[i - 1]) == Folded(b[j - 1]);
    int best = last[j - 1] + (same ? 0 : 1);
    best = std::min({best, last[j] + 1, row[j - 1] + 1});
    if (i > 1 && j > 1 && Folded(a[i - 1]) == Folded(b[j - 2]) &&
        Folded(a[i - 2]) == Folded(b[j - 1])) {
      best = std::min(best, before_last[j - 2] + 1);
    }
    row[j] = static_cast<uint8_t>(best);
  }
}

bool Contains(std::string_view whole, std::string_view part) {
  return part.size() >= kShortestContained &&
         whole.find(part) != std::string_view::npos;
}

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b) {
  size_t rest = 0;
  for (std::string_view* name : {&a, &b}) {
    if (name->size() > kLongestName) {
      rest = std::max(rest, name->size() - kLongestName);
      *name = std::string_view(name->data(), kLongestName);
    }
  }
  Row rows[3];
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<uint8_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    FillRow(a, b, i, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]);
  }
  return rows[a.size() % 3][b.size()] + rest;
}

size_t NearestSearch::Cost(std::string_view candidate) const {
  const size_t distance = EditDistance(wanted_, candidate);
  if (Contains(candidate, wanted_) || Contains(wanted_, candidate)) {
    return std::min(distance, size_t{2});
  }
  return distance;
}

void NearestSearch::Consider(std::string_view candidate) {
  const size_t cost = Cost(candidate);
  if (cost < cost_) {
    cost_ = cost;
    nearest_ = candidate;
  }
}

bool NearestSearch::close() const {
  return !nearest_.empty() && cost_ < wanted_.size() &&
         cost_ <= std::max(size_t{1}, nearest_.size() / 3);
}

}  // namespace dbgalloc::runtime_flags
