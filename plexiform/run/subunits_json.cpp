#include "plexiform/run/subunits_json.hpp"

#include "plexiform/base/file.hpp"
#include "plexiform/run/json_file_impl.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/subunits_fields_impl.hpp"

namespace plexiform {

template <class On>
void fields(SubunitsFile& f, const On& on) {
  on("recording", f.recording);
  on("made_by", f.made_by);
  on("frame_rate", f.frame_rate);
  on("cells", f.cells);
}

std::string to_json(const std::vector<CellSubunits>& cells) {
  return nlohmann::json({{"cells", json_of(cells)}}).dump();
}

void write_subunits(const std::filesystem::path& run, const SubunitsFile& file, const Origin& origin) {
  write_text_atomically(layout::subunits(run), file_text(with_head(json_of(file), artefacts::subunits, origin), 1));
}

SubunitsFile read_subunits(const std::filesystem::path& run, const Home& home) {
  SubunitsFile file;
  read_json_file(layout::subunits(run), artefacts::subunits, home, [&](const nlohmann::json& object) {
    fields(file, GetFields(object));
    for (const CellSubunits& cell : file.cells)
      if (cell.error.empty()) check_cell(object, artefacts::subunits, home, cell.cell);
  });
  return file;
}

}  // namespace plexiform
