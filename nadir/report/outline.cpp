#include "nadir/report/outline.hpp"

#include <array>

namespace nadir::report {
namespace {

struct Vertex {
  Index x = 0;
  Index y = 0;  ///< upward, as the rows

  bool operator==(const Vertex&) const = default;
};

/// Directions in the order of right turns; the class lies to the right of its outline.
constexpr std::array<Vertex, 4> kStep = {{{0, 1}, {1, 0}, {0, -1}, {-1, 0}}};

class Tracer {
 public:
  Tracer(const std::vector<int>& classes, Index rows, Index columns, int count)
      : classes_(classes), rows_(rows), columns_(columns), paths_(count), pens_(count), seen_(classes.size(), false) {}

  /// Every outline goes up along the left edge of some cell: to start there, once for each edge, finds them all.
  std::vector<std::string> all() {
    for (Index y = 0; y < rows_; ++y)
      for (Index x = 0; x < columns_; ++x)
        if (!seen_[y * columns_ + x] && !is(x - 1, y, classes_[y * columns_ + x])) trace({x, y});
    return std::move(paths_);
  }

 private:
  bool is(Index x, Index y, int label) const {
    return x >= 0 && y >= 0 && x < columns_ && y < rows_ && classes_[y * columns_ + x] == label;
  }

  /// The cell ahead of a vertex, to the right or to the left of the way.
  bool ahead(Vertex v, int direction, bool right, int label) const {
    const bool east = direction == 1 || (direction == 0 && right) || (direction == 2 && !right);
    const bool north = direction == 0 || (direction == 3 && right) || (direction == 1 && !right);
    return is(v.x - (east ? 0 : 1), v.y - (north ? 0 : 1), label);
  }

  void trace(Vertex start) {
    const int label = classes_[start.y * columns_ + start.x];
    std::string& path = paths_[label];
    Vertex& pen = pens_[label];
    if (path.empty())
      move(path, 'M', start.x, rows_ - start.y);
    else
      move(path, 'm', start.x - pen.x, pen.y - start.y);
    pen = start;

    Vertex at = start;
    int direction = 0;
    Index length = 0;
    do {
      if (direction == 0) seen_[at.y * columns_ + at.x] = true;
      at = {at.x + kStep[direction].x, at.y + kStep[direction].y};
      ++length;
      const int turn = !ahead(at, direction, true, label) ? 1 : ahead(at, direction, false, label) ? 3 : 0;
      if (turn == 0) continue;
      const int next = (direction + turn) % 4;
      const bool closed = at == start && next == 0;  // the last edge is drawn by z
      if (!closed) append(path, direction, length);
      direction = next;
      length = 0;
    } while (at != start || direction != 0);
    path += 'z';
  }

  static void move(std::string& path, char command, Index x, Index y) {
    path += command;
    path += std::to_string(x);
    path += ' ';
    path += std::to_string(y);
  }

  static void append(std::string& path, int direction, Index length) {
    const bool backward = direction == 0 || direction == 3;  // up is towards smaller y in the figure
    path += direction % 2 == 0 ? 'v' : 'h';
    path += std::to_string(backward ? -length : length);
  }

  const std::vector<int>& classes_;
  Index rows_, columns_;
  std::vector<std::string> paths_;
  std::vector<Vertex> pens_;
  std::vector<bool> seen_;
};

}  // namespace

std::vector<std::string> outlines(const std::vector<int>& classes, Index rows, Index columns, int count) {
  return Tracer(classes, rows, columns, count).all();
}

}  // namespace nadir::report
