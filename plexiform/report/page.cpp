#include "plexiform/report/page.hpp"

#include <cstdio>
#include <sstream>

#include "plexiform/report/svg.hpp"

namespace plexiform {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --faint: #777; }
@media (prefers-color-scheme: dark) { :root { --ink: #ddd; --paper: #181818; --faint: #999; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; border-top: 1px solid var(--faint); padding-top: 1em; margin-top: 2em; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15em 1em .15em 0; font-variant-numeric: tabular-nums; }
.row { display: flex; flex-wrap: wrap; gap: 1.2em; align-items: flex-start; } figure { margin: 0; } .pair { display: flex; gap: .4em; } .pair figure { max-width: 9em; }
figcaption { font-size: .85em; color: var(--faint); } .map { border: 1px solid var(--faint); }
.axis line { stroke: var(--faint); } svg text { font-size: 11px; fill: var(--ink); } .how { color: var(--faint); }
.error { color: #b35806; } @media print { figure, table { break-inside: avoid; } }
)";

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string figure(const std::string& picture, const std::string& caption) {
  return "<figure>" + picture + "<figcaption>" + escaped(caption) + "</figcaption></figure>";
}

void write_subunit(std::ostream& out, const SubunitPicture& s, std::size_t number) {
  const std::string name = "subunit " + std::to_string(number + 1);
  out << "<div class=\"pair\">"
      << figure(heat_map_svg(s.spatial, name + ", spatial filter"),
                name + ": " + fixed(100 * s.weight, 0) + " % at (" + fixed(s.x, 1) + ", " + fixed(s.y, 1) + ")" +
                    (s.confidence ? ", confidence " + fixed(*s.confidence, 2) : ""));
  if (s.truth)
    out << figure(heat_map_svg(*s.truth, "true partner of " + name),
                  "truth, r = " + fixed(s.truth_correlation.value_or(0), 3));
  out << "</div>";
}

void write_cell(std::ostream& out, const CellPage& cell, double frame_rate) {
  out << "<section><h2>" << escaped(cell.name) << "</h2>";
  if (!cell.error.empty()) {
    out << "<p class=\"error\">" << escaped(cell.error) << "</p></section>";
    return;
  }
  out << "<table>";
  for (const auto& [name, value] : cell.figures)
    out << "<tr><th scope=\"row\">" << escaped(name) << "</th><td>" << escaped(value) << "</td></tr>";
  out << "</table><h3>Subunits</h3><div class=\"row\">";
  if (!cell.linear.values.empty())
    out << figure(heat_map_svg(cell.linear, "spatial filter of the LN model"), "one linear filter (LN)");
  for (std::size_t i = 0; i < cell.subunits.size(); ++i) write_subunit(out, cell.subunits[i], i);
  out << "</div>";
  if (!cell.subunits.empty() && frame_rate > 0) {
    const auto& temporal = cell.subunits.front().temporal;
    out << "<h3>Temporal filter</h3>"
        << line_plot_svg({{"temporal", "#2166ac", temporal}}, 0, 1000 / frame_rate, "time before the spike (ms)",
                         "weight", "temporal filter of the first subunit");
  }
  if (!cell.counts.empty() && frame_rate > 0)
    out << "<h3>Rate on frames that no fit has seen</h3>"
        << line_plot_svg(
               {{"counts", "#999999", cell.counts}, {"LN", "#2166ac", cell.ln_rate}, {"network", "#b35806", cell.rate}},
               0, 1 / frame_rate, "time (s)", "rate (spikes/s)", "counts and predicted rates", 960, 220);
  out << "</section>";
}

}  // namespace

std::string render_page(const ReportPage& page) {
  std::ostringstream out;
  out << "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" << escaped(page.title)
      << "</title><style>" << kStyle << "</style></head><body><h1>" << escaped(page.title) << "</h1>"
      << "<p>Orange is positive, blue negative, white zero; each map has its own scale. Places are pixels of the "
         "stimulus, (0, 0) the centre of the first one.</p>";
  for (const auto& cell : page.cells) write_cell(out, cell, page.frame_rate);
  out << "<h2>How it was made</h2><p class=\"how\">" << escaped(page.how) << "</p></body></html>\n";
  return out.str();
}

}  // namespace plexiform
