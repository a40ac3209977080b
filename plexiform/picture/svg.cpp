#include "plexiform/picture/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace plexiform {
namespace {

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

namespace {

constexpr const char* kFileStyle =
    "<style>text{font:11px system-ui,sans-serif;fill:#222}.axis line{stroke:#777}</style>"
    "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>";

/// An opening tag for a file that holds nothing else.
std::string opened(int width, int height, const std::string& title) {
  std::ostringstream out;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"" << width << "\" height=\"" << height
      << "\" viewBox=\"0 0 " << width << ' ' << height << "\"><title>" << escaped(title) << "</title>" << kFileStyle;
  return out.str();
}

/// share in [0, 1] -> white to dark blue (ColorBrewer's Blues ends), one hue, so that lightness alone tells.
std::string sequential(double share) {
  const double v = std::clamp(share, 0.0, 1.0);
  constexpr int kEnd[3] = {8, 48, 107};
  char text[8];
  const auto mix = [&](int channel) { return static_cast<int>(std::lround(255 + (channel - 255) * v)); };
  std::snprintf(text, sizeof text, "#%02x%02x%02x", mix(kEnd[0]), mix(kEnd[1]), mix(kEnd[2]));
  return text;
}

std::string text_at(double x, double y, const std::string& text, const std::string& how) {
  std::ostringstream out;
  out << "<text x=\"" << x << "\" y=\"" << y << "\" " << how << ">" << escaped(text) << "</text>";
  return out.str();
}

std::size_t longest_name(const std::vector<std::string>& names) {
  std::size_t longest = 0;
  for (const auto& name : names) longest = std::max(longest, name.size());
  return std::min<std::size_t>(longest, 30);
}

}  // namespace

std::string matrix_svg(const NdArray<double>& values, const std::vector<std::string>& row_names,
                       const std::vector<std::string>& column_names, const MatrixAxes& axes, double low, double high,
                       const std::string& title) {
  const auto rows = static_cast<int>(values.shape[0]), columns = static_cast<int>(values.shape[1]);
  const int side = std::clamp(480 / std::max({rows, columns, 1}), 12, 60);
  const int left = 30 + static_cast<int>(6.5 * static_cast<double>(longest_name(row_names)));
  const int top = 48 + static_cast<int>(6.5 * static_cast<double>(longest_name(column_names)));
  const int right = left + columns * side, bottom = top + rows * side, width = right + 90,
            height = std::max(bottom, top + 120) + 16;
  std::ostringstream out;
  out << opened(width, height, title) << text_at(left, 16, title, "style=\"font-size:13px\"")
      << text_at((left + right) / 2.0, 34, axes.columns, "text-anchor=\"middle\"") << "<text transform=\"translate(12,"
      << (top + bottom) / 2 << ") rotate(-90)\" text-anchor=\"middle\">" << escaped(axes.rows) << "</text>";
  for (int y = 0; y < rows; ++y)
    out << text_at(left - 5, top + (y + 0.5) * side + 4, row_names[static_cast<std::size_t>(y)], "text-anchor=\"end\"");
  for (int x = 0; x < columns; ++x)
    out << "<text transform=\"translate(" << left + (x + 0.5) * side + 4 << ',' << top - 5 << ") rotate(-90)\">"
        << escaped(column_names[static_cast<std::size_t>(x)]) << "</text>";
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < columns; ++x) {
      const double v = values.values[static_cast<std::size_t>(y * columns + x)];
      const int px = left + x * side, py = top + y * side;
      out << "<rect x=\"" << px << "\" y=\"" << py << "\" width=\"" << side << "\" height=\"" << side << "\" fill=\""
          << (std::isnan(v) ? "#fff" : sequential((v - low) / (high - low))) << "\"><title>"
          << escaped(row_names[static_cast<std::size_t>(y)] + " on " + column_names[static_cast<std::size_t>(x)] +
                     ": " + (std::isnan(v) ? std::string("none") : number(v)))
          << "</title></rect>";
      if (std::isnan(v))
        out << "<path stroke=\"#999\" d=\"M" << px << ' ' << py << 'l' << side << ' ' << side << "\"/>";
    }
  constexpr int kBar = 100, kParts = 50;
  for (int i = 0; i < kParts; ++i)
    out << "<rect x=\"" << right + 20 << "\" y=\"" << top + i * kBar / kParts << "\" width=\"14\" height=\""
        << kBar / kParts << "\" fill=\"" << sequential(1 - (i + 0.5) / kParts) << "\"/>";
  out << text_at(right + 38, top + 8, number(high), "") << text_at(right + 38, top + kBar, number(low), "")
      << text_at(right + 20, top + kBar + 16, axes.values, "") << "</svg>\n";
  return out.str();
}

std::string step_plot_svg(const std::vector<Line>& lines, const std::vector<std::string>& steps,
                          const std::string& x_name, const std::string& y_name, const std::string& title) {
  constexpr int kWidth = 480, kHeight = 300;
  double low = 0, high = 1e-9;
  for (const auto& line : lines)
    for (const double v : line.values)
      if (std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
  const Axis x{0, static_cast<double>(std::max<std::size_t>(steps.size(), 2) - 1), 60, kWidth - 110.0};
  const Axis y{low, high, kHeight - 50.0, 30};
  std::ostringstream out;
  out << opened(kWidth, kHeight, title) << text_at(x.from, 16, title, "style=\"font-size:13px\"")
      << "<g class=\"axis\">";
  for (double v = std::ceil(low / tick_step(high - low)) * tick_step(high - low); v <= high + 1e-9;
       v += tick_step(high - low))
    out << "<line x1=\"" << x.from << "\" x2=\"" << x.to << "\" y1=\"" << y.at(v) << "\" y2=\"" << y.at(v)
        << "\" stroke-opacity=\".3\"/>" << text_at(x.from - 7, y.at(v) + 3, number(v), "text-anchor=\"end\"");
  for (std::size_t i = 0; i < steps.size(); ++i)
    out << text_at(x.at(static_cast<double>(i)), y.from + 16, steps[i], "text-anchor=\"middle\"");
  out << "</g>" << text_at((x.from + x.to) / 2, y.from + 36, x_name, "text-anchor=\"middle\"")
      << "<text transform=\"translate(14," << (y.from + y.to) / 2 << ") rotate(-90)\" text-anchor=\"middle\">"
      << escaped(y_name) << "</text>";
  double legend = y.to + 8;
  for (const auto& line : lines) {
    bool drawing = false;
    out << "<path fill=\"none\" stroke-width=\"2\" stroke=\"" << line.colour << "\" d=\"";
    for (std::size_t i = 0; i < line.values.size(); ++i) {
      if (!std::isfinite(line.values[i])) {
        drawing = false;
        continue;
      }
      out << (drawing ? 'L' : 'M') << number(x.at(static_cast<double>(i))) << ' ' << number(y.at(line.values[i]));
      drawing = true;
    }
    out << "\"/>";
    for (std::size_t i = 0; i < line.values.size(); ++i)
      if (std::isfinite(line.values[i]))
        out << "<circle r=\"3\" fill=\"" << line.colour << "\" cx=\"" << number(x.at(static_cast<double>(i)))
            << "\" cy=\"" << number(y.at(line.values[i])) << "\"><title>"
            << escaped(line.name + ", " + steps[i] + ": " + number(line.values[i])) << "</title></circle>";
    out << "<text x=\"" << x.to + 12 << "\" y=\"" << legend << "\" style=\"fill:" << line.colour << "\">"
        << escaped(line.name) << "</text>";
    legend += 16;
  }
  out << "</svg>\n";
  return out.str();
}

std::string scatter_svg(const std::vector<ScatterPoint>& points, const std::string& x_name, const std::string& y_name,
                        const std::string& title, const std::string& legend) {
  constexpr int kWidth = 380, kHeight = 390;
  double low = 0, high = 1e-9;
  for (const auto& p : points)
    if (std::isfinite(p.x) && std::isfinite(p.y)) low = std::min({low, p.x, p.y}), high = std::max({high, p.x, p.y});
  const double step = tick_step((high - low) / 2);
  low = std::floor(low / step) * step;
  high = std::ceil(high / step) * step;
  const Axis x{low, high, 60, kWidth - 20.0};
  const Axis y{low, high, kHeight - 50.0, 40};
  std::ostringstream out;
  out << opened(kWidth, kHeight, title) << text_at(x.from, 16, title, "style=\"font-size:13px\"")
      << text_at(x.from, 32, legend, "") << "<g class=\"axis\">";
  for (double v = low; v <= high + step / 2; v += step)
    out << "<line x1=\"" << x.from << "\" x2=\"" << x.to << "\" y1=\"" << y.at(v) << "\" y2=\"" << y.at(v)
        << "\" stroke-opacity=\".3\"/>" << text_at(x.from - 7, y.at(v) + 3, number(v), "text-anchor=\"end\"")
        << text_at(x.at(v), y.from + 16, number(v), "text-anchor=\"middle\"");
  out << "<line x1=\"" << x.from << "\" y1=\"" << y.from << "\" x2=\"" << x.to << "\" y2=\"" << y.to << "\"/></g>"
      << text_at((x.from + x.to) / 2, y.from + 36, x_name, "text-anchor=\"middle\"")
      << "<text transform=\"translate(14," << (y.from + y.to) / 2 << ") rotate(-90)\" text-anchor=\"middle\">"
      << escaped(y_name) << "</text>";
  for (const auto& p : points)
    if (std::isfinite(p.x) && std::isfinite(p.y))
      out << "<circle r=\"4\" stroke=\"#1f4e9c\" fill=\"" << (p.filled ? "#1f4e9c" : "#fff") << "\" cx=\""
          << number(x.at(p.x)) << "\" cy=\"" << number(y.at(p.y)) << "\"><title>"
          << escaped(p.name + ": " + number(p.x) + ", " + number(p.y)) << "</title></circle>";
  out << "</svg>\n";
  return out.str();
}

}  // namespace plexiform
