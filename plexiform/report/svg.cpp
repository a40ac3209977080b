#include "plexiform/report/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace plexiform {
namespace {

/// value in [-1, 1] -> colour; ends from the colour-blind safe pair of ColorBrewer's PuOr, through white.
std::string colour(double value) {
  const double v = std::clamp(value, -1.0, 1.0);
  const int end[2][3] = {{49, 54, 149}, {179, 88, 6}};
  const int* to = end[v < 0 ? 0 : 1];
  char text[8];
  const auto mix = [&](int channel) { return static_cast<int>(std::lround(255 + (channel - 255) * std::abs(v))); };
  std::snprintf(text, sizeof text, "#%02x%02x%02x", mix(to[0]), mix(to[1]), mix(to[2]));
  return text;
}

/// A round step that cuts `span` into about four.
double tick_step(double span) {
  const double raw = span / 4, power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power) return factor * power;
  return 10 * power;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", std::abs(value) < 1e-12 ? 0.0 : value);
  return text;
}

struct Axis {
  double low, high;
  double from, to;  ///< screen
  double at(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

void draw_axes(std::ostream& out, const Axis& x, const Axis& y, const std::string& x_name, const std::string& y_name) {
  out << "<g class=\"axis\">";
  for (double v = std::ceil(x.low / tick_step(x.high - x.low)) * tick_step(x.high - x.low); v <= x.high + 1e-9;
       v += tick_step(x.high - x.low))
    out << "<line x1=\"" << x.at(v) << "\" x2=\"" << x.at(v) << "\" y1=\"" << y.from << "\" y2=\"" << y.from + 4
        << "\"/><text x=\"" << x.at(v) << "\" y=\"" << y.from + 15 << "\" text-anchor=\"middle\">" << number(v)
        << "</text>";
  for (double v = std::ceil(y.low / tick_step(y.high - y.low)) * tick_step(y.high - y.low); v <= y.high + 1e-9;
       v += tick_step(y.high - y.low))
    out << "<line x1=\"" << x.from - 4 << "\" x2=\"" << x.from << "\" y1=\"" << y.at(v) << "\" y2=\"" << y.at(v)
        << "\"/><text x=\"" << x.from - 7 << "\" y=\"" << y.at(v) + 3 << "\" text-anchor=\"end\">" << number(v)
        << "</text>";
  out << "<line x1=\"" << x.from << "\" x2=\"" << x.to << "\" y1=\"" << y.from << "\" y2=\"" << y.from << "\"/>"
      << "<line x1=\"" << x.from << "\" x2=\"" << x.from << "\" y1=\"" << y.from << "\" y2=\"" << y.to << "\"/>"
      << "<text x=\"" << (x.from + x.to) / 2 << "\" y=\"" << y.from + 30 << "\" text-anchor=\"middle\">"
      << escaped(x_name) << "</text><text transform=\"translate(12," << (y.from + y.to) / 2
      << ") rotate(-90)\" text-anchor=\"middle\">" << escaped(y_name) << "</text></g>";
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string heat_map_svg(const NdArray<double>& map, const std::string& title, int pixel) {
  const auto rows = map.shape[0], columns = map.shape[1];
  double scale = 1e-300;
  for (const double v : map.values) scale = std::max(scale, std::abs(v));
  std::ostringstream out;
  out << "<svg class=\"map\" role=\"img\" aria-label=\"" << escaped(title) << "\" width=\"" << columns * pixel
      << "\" height=\"" << rows * pixel << "\" viewBox=\"0 0 " << columns << ' ' << rows
      << "\" shape-rendering=\"crispEdges\"><title>" << escaped(title) << "</title>";
  for (std::int64_t y = 0; y < rows; ++y)
    for (std::int64_t x = 0; x < columns; ++x)
      out << "<rect x=\"" << x << "\" y=\"" << y << "\" width=\"1\" height=\"1\" fill=\""
          << colour(map.values[static_cast<std::size_t>(y * columns + x)] / scale) << "\"/>";
  out << "</svg>";
  return out.str();
}

std::string line_plot_svg(const std::vector<Line>& lines, double first, double step, const std::string& x_name,
                          const std::string& y_name, const std::string& title, int width, int height) {
  double low = 0, high = 0;
  std::size_t longest = 2;
  for (const auto& line : lines) {
    longest = std::max(longest, line.values.size());
    for (const double v : line.values) low = std::min(low, v), high = std::max(high, v);
  }
  if (high == low) high = low + 1;
  const Axis x{first, first + step * static_cast<double>(longest - 1), 52, width - 8.0};
  const Axis y{low, high, height - 36.0, 10};
  std::ostringstream out;
  out << "<svg class=\"plot\" role=\"img\" aria-label=\"" << escaped(title) << "\" width=\"" << width << "\" height=\""
      << height << "\" viewBox=\"0 0 " << width << ' ' << height << "\"><title>" << escaped(title) << "</title>";
  draw_axes(out, x, y, x_name, y_name);
  double legend = x.from + 8;
  for (const auto& line : lines) {
    out << "<polyline fill=\"none\" stroke=\"" << line.colour << "\" points=\"";
    for (std::size_t i = 0; i < line.values.size(); ++i)
      out << number(x.at(first + step * static_cast<double>(i))) << ',' << number(y.at(line.values[i])) << ' ';
    out << "\"/>";
    if (lines.size() < 2) continue;
    out << "<text x=\"" << legend << "\" y=\"12\" style=\"fill:" << line.colour << "\">" << escaped(line.name)
        << "</text>";
    legend += 9.0 * static_cast<double>(line.name.size()) + 12;
  }
  out << "</svg>";
  return out.str();
}

}  // namespace plexiform
